// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers

extension CaptionerConfiguration {
  /// `model_type` of the folders.
  static let modelType = "attune-captioner"

  /// Reads `config.json`. Every size must be there: no other program writes such files, so none has defaults for them.
  init(_ json: JSONField) throws(JSONFieldError) {
    let type = try json.string(at: "model_type")
    guard type == Self.modelType else {
      throw try json.field(at: "model_type").error(
        "found '\(type)', expected a captioner: \(Self.modelType)."
          + EditDistance.suggestion(for: type, in: [Self.modelType]))
    }
    func size(_ key: String, atLeast least: Int = 1) throws(JSONFieldError) -> Int {
      guard try json.has(key) else { return try json.integer(at: key) }
      return try json.size(key, default: 0, atLeast: least)
    }
    for key in ["d_model", "decoder_attention_heads", "decoder_ffn_dim"] { _ = try size(key) }
    var decoder = try TranslatorConfiguration.layer(json, "decoder")
    decoder.normPlacement = try json.choice(at: "norm_placement")
    decoder.epsilon = try json.epsilon(
      "layer_norm_eps", default: TranslatorConfiguration.marianEpsilon)
    let vocabularySize = try size("vocab_size")
    self.init(
      vectors: try VectorEncoderSettings(json, dimension: try size("vector_size"), decoder),
      vocabularySize: vocabularySize, decoderLayerCount: try size("decoder_layers"),
      decoder: decoder,
      positions: TokenPositions(
        order: try json.choice(at: "position_order"),
        scalesTokens: try json.bool(at: "scale_embedding")
      ), tokens: try TranslatorTokens(json, vocabularySize: vocabularySize),
      maximumLength: try size("max_position_embeddings", atLeast: 2))
  }

  /// `config.json`.
  func json(_ storage: WeightStorage) -> JSONValue {
    let members: [(String, JSONValue)] = [
      ("model_type", .string(Self.modelType)),
      ("vocab_size", .integer(vocabularySize)),
      ("d_model", .integer(decoder.modelDimension)),
      ("decoder_layers", .integer(decoderLayerCount)),
      ("decoder_attention_heads", .integer(decoder.headCount)),
      ("decoder_ffn_dim", .integer(decoder.feedForwardDimension)),
      ("max_position_embeddings", .integer(maximumLength)),
      ("activation_function", .string(decoder.activation.configurationName)),
      ("norm_placement", .string(decoder.normPlacement.rawValue)),
      ("position_order", .string(positions.order.rawValue)),
      ("layer_norm_eps", .number(shortest(decoder.epsilon))),
      ("scale_embedding", .bool(positions.scalesTokens)),
      ("dropout", .number(shortest(decoder.dropout))),
      ("attention_dropout", .number(shortest(decoder.attentionDropout))),
      ("activation_dropout", .number(shortest(decoder.feedForwardDropout))),
    ]
    return .object(
      JSONObject(
        members + vectors.members + tokens.members + storage.configurationMembers))
  }
}

extension VectorEncoderSettings {
  fileprivate init(
    _ json: JSONField, dimension: Int, _ decoder: TransformerLayerSettings
  ) throws(JSONFieldError) {
    self.init(
      dimension: dimension, form: try json.choice(at: "vector_form"),
      scaling: try json.choice(at: "vector_scaling"),
      positionsPerVector: try json.size("vector_positions", default: 1),
      dropout: try json.rate("vector_dropout", default: 0))
    guard try json.size("mapping_layers", default: 0, atLeast: 0) > 0 else { return }
    mapping = VectorMappingSettings(
      constantCount: try json.size("mapping_positions", default: 1),
      layerCount: try json.size("mapping_layers", default: 0),
      headCount: try json.headCount(
        "mapping_attention_heads", default: decoder.headCount, dividing: decoder.modelDimension,
        of: "d_model"),
      feedForwardDimension: try json.size(
        "mapping_ffn_dim", default: decoder.feedForwardDimension))
  }

  fileprivate var members: [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [
      ("vector_size", .integer(dimension)), ("vector_form", .string(form.rawValue)),
      ("vector_scaling", .string(scaling.rawValue)),
      ("vector_positions", .integer(positionsPerVector)),
      ("vector_dropout", .number(shortest(dropout))),
      ("mapping_layers", .integer(mapping?.layerCount ?? 0)),
    ]
    if let mapping {
      members += [
        ("mapping_positions", .integer(mapping.constantCount)),
        ("mapping_attention_heads", .integer(mapping.headCount)),
        ("mapping_ffn_dim", .integer(mapping.feedForwardDimension)),
      ]
    }
    return members
  }
}
