// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A model on disk in the layout of Hugging Face: `config.json`, `model.safetensors`, a tokenizer,
/// and `attune.json` for what is ours.
public struct ModelFolder: Sendable {
  /// The description of the architecture.
  public static let configurationFile = "config.json"
  /// What is ours: task, calibration, facts of training.
  public static let attuneFile = "attune.json"
  /// The tensors.
  public static let weightsFile = "model.safetensors"
  /// The tensors, matrices in 8-bit integers. Programs that do not know how these are to be read would take integers for weights,
  /// so they are not to find them under the usual name.
  public static let quantizedWeightsFile = "model-int8.safetensors"
  /// Which of several files holds which tensor.
  public static let weightsIndexFile = "model.safetensors.index.json"
  /// No description of a model is larger; vocabularies are read elsewhere.
  static let jsonSizeLimit = 16 << 20

  /// The folder.
  public let path: String

  /// Opens a folder, which must hold a `config.json`, or another file where that lies deeper.
  public init(_ path: String, holding file: String = configurationFile) throws {
    let entries = try FileSystem.entries(of: path)
    guard entries.contains(file) else {
      throw ModelFolderError(path: path, .noConfiguration(found: entries))
    }
    self.path = path
  }

  /// Returns the path of a file in the folder.
  public func path(of name: String) -> String { FileSystem.join(path, name) }

  /// Returns whether the folder holds the file.
  public func has(_ name: String) -> Bool { FileSystem.exists(path(of: name)) }

  /// Returns the path of a file or subfolder that a file of the folder names; it leads nowhere
  /// outside.
  public func path(ofUntrusted name: String, from field: JSONField) throws(JSONFieldError) -> String
  {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual("..".utf8) && !part.elementsEqual(".".utf8)
        && !part.contains { $0 == 0 || $0 == UInt8(ascii: "\\") }
    }
    guard isPlain else {
      throw field.error("found '\(name)', expected a path inside the model's folder.")
    }
    return path(of: name)
  }

  /// Reads a JSON file of the folder.
  public func json(_ name: String) throws -> JSONField {
    let size = try FileSystem.size(of: path(of: name))
    guard size <= Self.jsonSizeLimit else {
      throw ModelFolderError(path: path(of: name), .tooLarge(size: size, limit: Self.jsonSizeLimit))
    }
    return try InputFile.json(of: path(of: name))
  }

  /// Reads a JSON file that the folder may lack.
  public func optionalJSON(_ name: String) throws -> JSONField? {
    has(name) ? try json(name) : nil
  }

  /// Reads `config.json`.
  public func configuration() throws -> JSONField { try json(Self.configurationFile) }

  /// Reads `attune.json`, which folders of other programs lack.
  public func attune() throws -> JSONField? { try optionalJSON(Self.attuneFile) }

  /// Returns whether a file of the name holds weights or what training keeps beside them, in any format.
  public static func isWeights(_ name: String) -> Bool {
    ModelFolderError.ForeignWeights.allCases.contains { $0.isName(name) }
      || ModelFolderError.ForeignWeights.isKept(name)
      || [".safetensors", ".onnx", ".ot", ".tflite", ".gguf", ".mlmodel"].contains {
        name.hasSuffix($0)
      } || name == weightsIndexFile
  }

  /// The name of a file with weights that are stored so.
  public static func weightsFile(storedAs storage: WeightStorage) -> String {
    storage == .int8 ? quantizedWeightsFile : weightsFile
  }

  /// Opens the weights, in one file or several; `subfolder` is for the modules of a text embedder.
  public func weights(in subfolder: String = "") throws -> any TensorSource {
    let folder = subfolder.isEmpty ? path : path(of: subfolder)
    let entries = try FileSystem.entries(of: folder)
    for name in [Self.weightsFile, Self.quantizedWeightsFile] where entries.contains(name) {
      return try SafetensorsFile(FileSystem.join(folder, name))
    }
    if entries.contains(Self.weightsIndexFile) {
      return try ShardedSafetensors(index: FileSystem.join(folder, Self.weightsIndexFile))
    }
    for kind in ModelFolderError.ForeignWeights.allCases {
      if let name = entries.first(where: { kind.isName($0) }) {
        throw ModelFolderError(path: folder, .foreignWeights(name, kind))
      }
    }
    throw ModelFolderError(path: folder, .noWeights(found: entries))
  }
}

/// Why a folder is no model that can be opened.
public struct ModelFolderError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// There is no `config.json`.
    case noConfiguration(found: [String])
    /// There are no weights.
    case noWeights(found: [String])
    /// The weights are in a file of another kind.
    case foreignWeights(String, ForeignWeights)
    /// A JSON file is too large to describe a model.
    case tooLarge(size: Int, limit: Int)
  }

  /// The folder or file.
  public let path: String
  /// What is wrong.
  public let problem: Problem

  init(path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// The input is missing or malformed.
  public var exitCode: ExitStatus {
    switch problem {
    case .noConfiguration, .noWeights: .noInput
    case .foreignWeights, .tooLarge: .data
    }
  }

  /// The message for the user.
  public var description: String {
    switch problem {
    case .noConfiguration(let found):
      "\(path): there is no \(ModelFolder.configurationFile); expected a folder with a model. "
        + Self.listing(found)
    case .noWeights(let found):
      "\(path): there is no \(ModelFolder.weightsFile). " + Self.listing(found)
    case .foreignWeights(let name, let kind):
      "\(path): the weights are in '\(name)', \(kind.reason); expected \(ModelFolder.weightsFile). "
        + "Where you trust it, convert it in Python:\n" + kind.conversion(of: name)
    case .tooLarge(let size, let limit):
      "\(path): \(size) bytes are too many to describe a model, expected at most \(limit)."
    }
  }

  private static func listing(_ names: [String]) -> String {
    guard !names.isEmpty else { return "The folder is empty." }
    let shown = names.prefix(12).joined(separator: ", ")
    return "It holds \(shown)\(names.count > 12 ? " and \(names.count - 12) more" : "")."
  }
}
