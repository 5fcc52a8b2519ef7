// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension EmbedderFolder {
  /// Writes an embedder as a folder that sentence-transformers opens; the tokenizer's files are the caller's to add.
  ///
  /// - Throws: `UnsavableEmbedderError` when that layout has no word for the model.
  public static func write(
    _ model: TextEmbedder, _ configuration: EmbedderConfiguration,
    storage: WeightStorage = .float32, with writer: ModelFolderWriter
  ) throws {
    guard configuration.encoder.fitsFamily else {
      throw UnsavableEmbedderError(part: "an encoder of our own kind")
    }
    if let kind = configuration.poolings.first(where: { $0.embedderFlag == nil }) {
      throw UnsavableEmbedderError(part: "\(kind.rawValue) pooling")
    }
    try EncoderFolder.write(
      model.encoder, configuration.encoder, storage: storage, with: writer)
    try writer.write(configuration.modulesJSON, to: EmbedderModules.file)
    try writer.write(configuration.windowJSON, to: EmbedderConfiguration.windowFiles[0])
    try writer.write(configuration.promptJSON, to: EmbedderConfiguration.promptFile)
    try writer.write(
      configuration.poolingJSON, to: FileSystem.join("1_Pooling", ModelFolder.configurationFile))
    for (index, (dense, module)) in zip(configuration.denses, model.denses).enumerated() {
      let folder = "\(index + 2)_Dense"
      try writer.write(
        dense.json, to: FileSystem.join(folder, ModelFolder.configurationFile))
      try writer.write(
        module, storage: storage,
        to: FileSystem.join(folder, ModelFolder.weightsFile(storedAs: storage)))
    }
  }
}

extension EmbedderConfiguration {
  private static let moduleType = "sentence_transformers.models."

  fileprivate var modulesJSON: JSONValue {
    var types = ["Transformer", "Pooling"] + denses.map { _ in "Dense" }
    if normalizes { types.append("Normalize") }
    return .array(
      types.enumerated().map { index, type in
        [
          "idx": .integer(index), "name": .string("\(index)"),
          "path": .string(index == 0 ? "" : "\(index)_\(type)"),
          "type": .string(Self.moduleType + type),
        ]
      })
  }

  fileprivate var windowJSON: JSONValue {
    [
      "max_seq_length": .integer(min(maximumLength ?? .max, encoder.maximumLength)),
      "do_lower_case": .bool(lowercases),
    ]
  }

  fileprivate var promptJSON: JSONValue {
    [
      "prompts": .object(JSONObject(prompts.map { ($0.name, .string($0.text)) })),
      "default_prompt_name": defaultPromptName.map { .string($0) } ?? .null,
      "similarity_fn_name": .string(similarity.rawValue),
    ]
  }

  fileprivate var poolingJSON: JSONValue {
    let known = PoolingKind.embedderNames
    let (dimension, names) = (JSONValue.integer(encoder.layer.modelDimension), known.map(\.kind))
    let last = ("include_prompt", JSONValue.bool(includesPrompt))
    // Older versions read flags, which say nothing of an order.
    if poolings == names.filter(poolings.contains) {
      let flags = known.map { ($0.flag, JSONValue.bool(poolings.contains($0.kind))) }
      return .object(JSONObject([("word_embedding_dimension", dimension)] + flags + [last]))
    }
    let modes = poolings.compactMap { kind in known.first { $0.kind == kind }?.name }
    return .object(
      JSONObject([
        ("embedding_dimension", dimension), ("pooling_mode", .array(modes.map { .string($0) })),
        last,
      ]))
  }
}

extension PoolingKind {
  fileprivate var embedderFlag: String? { Self.embedderNames.first { $0.kind == self }?.flag }
}

extension EmbedderConfiguration.Dense {
  fileprivate var json: JSONValue {
    let name = Activation.torchNames.first { $0.activation == activation }?.name
    return [
      "in_features": .integer(inputDimension), "out_features": .integer(outputDimension),
      "bias": .bool(hasBias), "activation_function": name.map { .string($0) } ?? .null,
    ]
  }
}

/// An embedder that sentence-transformers' layout cannot hold.
public struct UnsavableEmbedderError: AttuneError, Equatable {
  let part: String

  /// The command line asks for what cannot be.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    "\(part) has no place in a folder of sentence-transformers, so the embedder cannot be saved. "
      + "Start from an encoder of a published family with mean, max or first-token pooling."
  }
}
