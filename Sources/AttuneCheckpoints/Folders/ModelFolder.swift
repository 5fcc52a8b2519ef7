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
  /// What `quantization_config` of `config.json` calls the method of those.
  public static let quantizationMethod = "attune-int8"
  /// Which of several files holds which tensor.
  public static let weightsIndexFile = "model.safetensors.index.json"
  /// The parts of a text embedder, one of which holds the encoder.
  public static let modulesFile = "modules.json"
  /// No description of a model is larger; vocabularies are read elsewhere.
  static let jsonSizeLimit = 16 << 20

  /// The files.
  public let files: FileFolder
  /// The subfolder with `config.json`, weights and tokenizer, as `0_Transformer` in old text embedders; empty: the folder itself.
  public let encoderPlace: String

  /// Opens a folder, which must hold a `config.json`, or name the subfolder that does in `modules.json`.
  public init(_ path: String) throws { try self.init(FileFolder(path)) }

  /// Opens a folder on disk or in memory, as one on disk.
  public init(_ files: FileFolder) throws {
    let entries = try files.entries()
    let place =
      entries.contains(Self.modulesFile) ? try Self.encoderPlace(inModulesOf: files) : ""
    let encoder = files.subfolder(place)
    let found = place.isEmpty ? entries : try encoder.entries()
    guard found.contains(Self.configurationFile) else {
      throw ModelFolderError(path: encoder.path, .noConfiguration(found: found))
    }
    (self.files, encoderPlace) = (files, place)
  }

  private static func encoderPlace(inModulesOf files: FileFolder) throws -> String {
    let modules = try json(modulesFile, in: files)
    for module in try modules.fields()
    where try module.string(at: "type").split(separator: ".").last == "Transformer" {
      let place = try module.string(at: "path")
      if !place.isEmpty { try requirePlain(place, from: module.field(at: "path")) }
      return place
    }
    return ""
  }

  /// The folder, for messages.
  public var path: String { files.path }

  /// Where `config.json`, the weights of the encoder and the tokenizer lie.
  public var encoderFiles: FileFolder { files.subfolder(encoderPlace) }

  /// The path of `encoderFiles`.
  public var encoderPath: String { encoderFiles.path }

  /// Returns the path of a file in the folder.
  public func path(of name: String) -> String { files.path(of: name) }

  /// Returns whether the folder holds the file.
  public func has(_ name: String) -> Bool { files.has(name) }

  /// Returns the path of a file or subfolder that a file of the folder names; it leads nowhere
  /// outside.
  public func path(ofUntrusted name: String, from field: JSONField) throws(JSONFieldError) -> String
  {
    try Self.requirePlain(name, from: field)
    return path(of: name)
  }

  private static func requirePlain(
    _ name: String, from field: JSONField
  ) throws(JSONFieldError) {
    let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && !part.elementsEqual("..".utf8) && !part.elementsEqual(".".utf8)
        && !part.contains { $0 == 0 || $0 == UInt8(ascii: "\\") }
    }
    guard isPlain else {
      throw field.error("found '\(name)', expected a path inside the model's folder.")
    }
  }

  /// Reads a JSON file of the folder.
  public func json(_ name: String) throws -> JSONField { try Self.json(name, in: files) }

  private static func json(_ name: String, in files: FileFolder) throws -> JSONField {
    let size = try files.size(of: name)
    guard size <= jsonSizeLimit else {
      throw ModelFolderError(
        path: files.path(of: name), .tooLarge(size: size, limit: jsonSizeLimit))
    }
    return try files.json(name, limit: jsonSizeLimit)
  }

  /// Reads a JSON file that the folder may lack.
  public func optionalJSON(_ name: String) throws -> JSONField? {
    has(name) ? try json(name) : nil
  }

  /// Reads `config.json`; one whose weights another program quantized is refused.
  public func configuration() throws -> JSONField {
    let json = try json(FileSystem.join(encoderPlace, Self.configurationFile))
    if let error = try QuantizedWeightsError(json) { throw error }
    return json
  }

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

  /// Opens the weights of the encoder, or of another module of a text embedder, in one file or several.
  public func weights(in subfolder: String = "") throws -> any TensorSource {
    let folder = subfolder.isEmpty ? encoderFiles : files.subfolder(subfolder)
    let entries = try folder.entries()
    for name in [Self.weightsFile, Self.quantizedWeightsFile] where entries.contains(name) {
      return try SafetensorsFile(name, in: folder)
    }
    if entries.contains(Self.weightsIndexFile) {
      return try ShardedSafetensors(index: folder.path(of: Self.weightsIndexFile))
    }
    for kind in ModelFolderError.ForeignWeights.allCases {
      if let name = entries.first(where: { kind.isName($0) }) {
        throw ModelFolderError(path: folder.path, .foreignWeights(name, kind))
      }
    }
    throw ModelFolderError(path: folder.path, .noWeights(found: entries))
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
