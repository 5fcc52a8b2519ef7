// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneLayers

/// Writes the files of a model folder, which appears when all are written, or not at all.
public struct ModelFolderWriter {
  private let folder: AtomicFolder

  /// Writes one file.
  public func write(_ bytes: [UInt8], to name: String) throws {
    try folder.write(bytes, to: name)
  }

  /// Writes one JSON file, indented as people read it.
  public func write(_ value: JSONValue, to name: String) throws {
    try folder.write(try value.serialized(.pretty) + [0x0A], to: name)
  }

  /// Writes tensors to a safetensors file; numbers that are not finite are refused.
  ///
  /// - Parameters:
  ///   - whole: Names of tensors that stay Float32 in any storage.
  ///   - name: The file; nil: that of weights that are stored so.
  public func write(
    _ tensors: [NamedTensor], storage: WeightStorage = .float32,
    keepingWhole whole: Set<String> = [], to name: String? = nil
  ) throws {
    try NonFiniteError.check(tensors)
    let file = try folder.open(name ?? ModelFolder.weightsFile(storedAs: storage))
    try SafetensorsWriter(tensors, storage: storage, keepingWhole: whole).write {
      try file.write($0)
    }
  }

  /// Writes the parameters and buffers of a model under the names of another library.
  public func write(
    _ model: some Module, names: ParameterNameMap = .identity,
    storage: WeightStorage = .float32, to name: String? = nil
  ) throws {
    try write(model.namedTensors(in: names), storage: storage, to: name)
  }

  fileprivate init(_ folder: AtomicFolder) { self.folder = folder }
}

extension ModelFolder {
  /// Makes a folder with what `body` writes; nothing is to be seen of it if `body` throws.
  ///
  /// - Parameters:
  ///   - overwriting: Whether a model that stands there may be replaced; a folder of another kind never is.
  ///   - verify: Gets the path where the files stand until the folder appears; what it throws keeps the folder from appearing.
  public static func create(
    _ path: String, overwriting: Bool = false, verify: (String) throws -> Void = { _ in },
    _ body: (ModelFolderWriter) throws -> Void
  ) throws {
    let folder = try AtomicFolder(
      path, existing: overwriting ? .replace(holding: [configurationFile]) : .refuse,
      parents: .created)
    try body(ModelFolderWriter(folder))
    try verify(folder.temporaryPath)
    try folder.commit()
  }
}
