// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneTensors

/// The safetensors files that a `model.safetensors.index.json` holds together.
public struct ShardedSafetensors: TensorSource {
  /// The path of the index.
  public let path: String
  private let shards: [SafetensorsFile]
  private let shardOfName: [ExactName: Int]
  private static let shardLimit = 1_000

  /// Opens the index and every file it names, which must be in the same folder.
  public init(index path: String) throws {
    self.path = path
    let index = try InputFile.json(of: path)
    var shards: [SafetensorsFile] = []
    var numberOfShard: [ExactName: Int] = [:]
    var shardOfName: [ExactName: Int] = [:]
    for member in try index.members(at: "weight_map") {
      let name = try member.field.string()
      // Names from a file lead nowhere but beside it.
      guard Self.isPlain(name) else {
        throw member.field.error(
          "found '\(name)', expected the name of a .safetensors file in the same folder.")
      }
      if numberOfShard[ExactName(name)] == nil {
        guard shards.count < Self.shardLimit else {
          throw member.field.error("expected at most \(Self.shardLimit) files.")
        }
        numberOfShard[ExactName(name)] = shards.count
        let shardPath = FileSystem.join(FileSystem.parent(of: path), name)
        shards.append(try SafetensorsFile(shardPath))
      }
      shardOfName[ExactName(member.key)] = numberOfShard[ExactName(name)]
    }
    (self.shards, self.shardOfName) = (shards, shardOfName)
    try checkAgreement()
  }

  /// All tensors, file by file.
  public var tensors: [StoredTensor] { shards.flatMap(\.tensors) }

  /// What is odd about the files without making them unusable.
  public var warnings: [String] { shards.flatMap(\.warnings) }

  /// Reads one tensor as Float32.
  public func tensor(named name: String) throws -> Tensor { try file(of: name).tensor(named: name) }

  /// Reads a tensor that is stored in 8-bit integers, whose scales stand in the same file.
  public func quantized(named name: String) throws -> QuantizedMatrix {
    try file(of: name).quantized(named: name)
  }

  private func file(of name: String) throws -> SafetensorsFile {
    guard let shard = shardOfName[ExactName(name)] else {
      let nearest = EditDistance.nearest(to: name, in: tensors.lazy.map(\.name))
      throw SafetensorsError(file: path, .noTensor(name, nearest: nearest))
    }
    return shards[shard]
  }

  private static func isPlain(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.hasPrefix(".")
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
  }

  /// Index and files name the same tensors in the same places, so none can be read from two.
  private func checkAgreement() throws {
    var disagreements: [ShardIndexError.Disagreement] = []
    var seen = Set<ExactName>()
    for (number, shard) in shards.enumerated() {
      for tensor in shard.storedTensors {
        let name = ExactName(tensor.name)
        if shardOfName[name] == number {
          seen.insert(name)
        } else {
          disagreements.append(
            .init(tensor: tensor.name, file: FileSystem.name(of: shard.path), isInFile: true))
        }
      }
    }
    for (name, number) in shardOfName where !seen.contains(name) {
      let file = FileSystem.name(of: shards[number].path)
      disagreements.append(.init(tensor: name.text, file: file, isInFile: false))
    }
    guard !disagreements.isEmpty else { return }
    throw ShardIndexError(
      path: path, disagreements: disagreements.sorted { $0.tensor < $1.tensor })
  }
}

/// An index and its files that do not name the same tensors.
public struct ShardIndexError: AttuneError, Equatable {
  /// A tensor that only one of the two knows at this place.
  public struct Disagreement: Sendable, Equatable {
    /// The name of the tensor.
    public let tensor: String
    /// The file.
    public let file: String
    /// Whether the file holds it but the index does not say so, or the other way round.
    public let isInFile: Bool
  }

  /// The index.
  public let path: String
  /// All tensors concerned.
  public let disagreements: [Disagreement]

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    let lines = disagreements.prefix(MessageTable.rowLimit).map { one in
      one.isInFile
        ? "  \(one.file) holds '\(one.tensor)', which the index does not place there"
        : "  \(one.file) lacks '\(one.tensor)', which the index places there"
    }
    let rest = disagreements.count - lines.count
    return "\(path): the index and its files disagree; fetch all of them again.\n"
      + (lines + (rest > 0 ? ["  and \(rest) more"] : [])).joined(separator: "\n")
  }
}
