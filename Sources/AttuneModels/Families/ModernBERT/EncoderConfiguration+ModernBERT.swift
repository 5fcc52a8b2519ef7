// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension EncoderConfiguration {
  /// Reads the keys of ModernBERT, in the form of its first files or in that of transformers 5.
  init(modernBERT json: JSONField) throws(JSONFieldError) {
    let layer = try TransformerLayerSettings(modernBERT: json)
    let vocabularySize = try json.size("vocab_size", default: 50368)
    // Each layer is listed, before anything is known of the weights.
    let layerCount =
      try json.has("num_hidden_layers")
      ? json.integer(at: "num_hidden_layers", in: 1...Self.mostLayers) : 22
    self.init(
      family: .modernBERT, vocabularySize: vocabularySize, layerCount: layerCount, layer: layer,
      positions: .rotary,
      maximumLength: try json.size(
        "max_position_embeddings", default: 8192, atLeast: Self.shortestWindow),
      segmentCount: 0,
      paddingID: try json.paddingID(
        default: min(50283, vocabularySize - 1), vocabularySize: vocabularySize))
    try json.refuseScaledPositions()
    normsFirstInput = false
    embeddingDropout = try json.rate("embedding_dropout", default: 0)
    rotaryBase = try json.rotaryBase(
      of: .full, earlier: "global_rope_theta", default: 160_000)
    localLayers = LocalLayers(
      indices: try json.localIndices(layerCount: layerCount),
      radius: try json.size("local_attention", default: 128) / 2,
      rotaryBase: try json.rotaryBase(of: .sliding, earlier: "local_rope_theta", default: 10_000))
    head = HeadSettings(
      activation: try json.activation("classifier_activation"),
      hasBias: try json.optionalBool(at: "classifier_bias") ?? false,
      hasOutputBias: try json.optionalBool(at: "decoder_bias") ?? true)
  }

  private static let mostLayers = 1 << 12

  /// The keys of ModernBERT, in both forms.
  var modernBERTMembers: [(String, JSONValue)] {
    let local = localLayers ?? LocalLayers(indices: [], radius: 64)
    let head = head ?? HeadSettings()
    return [("model_type", .string(family.rawValue))] + layer.modernBERTMembers + [
      ("vocab_size", .integer(vocabularySize)),
      ("num_hidden_layers", .integer(layerCount)),
      ("max_position_embeddings", .integer(maximumLength)),
      ("embedding_dropout", .number(shortest(embeddingDropout ?? layer.dropout))),
      ("local_attention", .integer(2 * local.radius)),
      ("layer_types", .array(layerTypes(local).map { .string($0.rawValue) })),
      (
        "rope_parameters",
        .object(
          JSONObject([
            (LayerType.full.rawValue, .rotary(base: rotaryBase)),
            (LayerType.sliding.rawValue, .rotary(base: local.rotaryBase)),
          ]))
      ),
      ("decoder_bias", .bool(head.hasOutputBias)),
      ("classifier_bias", .bool(head.hasBias)),
      ("classifier_activation", .string(head.activation.configurationName)),
      ("pad_token_id", .integer(paddingID)),
    ] + earlierMembers(local) + specialTokens
  }

  private func layerTypes(_ local: LocalLayers) -> [LayerType] {
    (0..<layerCount).map { local.indices.contains($0) ? .sliding : .full }
  }

  /// What the first programs for ModernBERT read; layers that follow no period cannot be said to them.
  private func earlierMembers(_ local: LocalLayers) -> [(String, JSONValue)] {
    let period = (1...layerCount).first { period in
      LocalLayers(butEvery: period, of: layerCount, radius: 0).indices == local.indices
    }
    return [
      ("global_rope_theta", .number(shortest(rotaryBase))),
      ("local_rope_theta", .number(shortest(local.rotaryBase))),
    ] + (period.map { [("global_attn_every_n_layers", .integer($0))] } ?? [])
  }

  /// Without these keys the ids are those of ModernBERT's own vocabulary.
  private var specialTokens: [(String, JSONValue)] {
    guard vocabularySize != 50368 else { return [] }
    return ["bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"].map { ($0, .null) }
  }
}

extension TransformerLayerSettings {
  fileprivate init(modernBERT json: JSONField) throws(JSONFieldError) {
    let dimension = try json.size("hidden_size", default: 768)
    let headCount = try json.headCount(
      "num_attention_heads", default: 12, dividing: dimension, of: "hidden_size")
    guard (dimension / headCount).isMultiple(of: 2) else {
      throw try json.field(at: "num_attention_heads").error(
        "found \(headCount) heads of \(dimension / headCount) columns, expected an even number of columns."
      )
    }
    let attentionDropout = try json.rate("attention_dropout", default: 0)
    self.init(
      modelDimension: dimension, headCount: headCount,
      feedForwardDimension: try json.size("intermediate_size", default: 1152),
      activation: try json.activation("hidden_activation"), normPlacement: .pre,
      epsilon: try json.epsilon("norm_eps", default: 1e-5), dropout: 0,
      attentionDropout: attentionDropout)
    attentionOutputDropout = attentionDropout
    feedForwardDropout = try json.rate("mlp_dropout", default: 0)
    isGated = true
    hasAttentionBias = try json.optionalBool(at: "attention_bias") ?? false
    hasFeedForwardBias = try json.optionalBool(at: "mlp_bias") ?? false
    hasNormBias = try json.optionalBool(at: "norm_bias") ?? false
  }

  fileprivate var modernBERTMembers: [(String, JSONValue)] {
    [
      ("hidden_size", .integer(modelDimension)),
      ("num_attention_heads", .integer(headCount)),
      ("intermediate_size", .integer(feedForwardDimension)),
      ("hidden_activation", .string(activation.configurationName)),
      ("norm_eps", .number(shortest(epsilon))),
      ("norm_bias", .bool(hasNormBias)),
      ("attention_bias", .bool(hasAttentionBias)),
      ("mlp_bias", .bool(hasFeedForwardBias)),
      ("attention_dropout", .number(shortest(attentionDropout))),
      ("mlp_dropout", .number(shortest(feedForwardDropout))),
    ]
  }
}

/// How far a layer sees, as `layer_types` and `rope_parameters` call it.
private enum LayerType: String, CaseIterable {
  case full = "full_attention"
  case sliding = "sliding_attention"
}

extension JSONValue {
  fileprivate static func rotary(base: Float) -> JSONValue {
    ["rope_type": "default", "rope_theta": .number(shortest(base))]
  }
}

extension JSONField {
  /// Which layers see a window alone.
  fileprivate func localIndices(layerCount: Int) throws(JSONFieldError) -> Set<Int> {
    guard try has("layer_types") else {
      let period = try size("global_attn_every_n_layers", default: 3)
      return LocalLayers(butEvery: period, of: layerCount, radius: 0).indices
    }
    let types = try fields(at: "layer_types")
    guard types.count == layerCount else {
      throw try field(at: "layer_types").error(
        "found \(types.count) types of layers, expected \(layerCount), as num_hidden_layers says.")
    }
    var local: Set<Int> = []
    for (index, type) in types.enumerated() where try type.choice(of: LayerType.self) == .sliding {
      local.insert(index)
    }
    return local
  }

  /// What the wavelengths grow with: in `rope_parameters`, or under the key of earlier files.
  fileprivate func rotaryBase(
    of type: LayerType, earlier key: String, default fallback: Double
  ) throws(JSONFieldError) -> Float {
    let isNew = try has("rope_parameters", type.rawValue, "rope_theta")
    let place =
      isNew ? try field(at: "rope_parameters", type.rawValue, "rope_theta") : try field(at: key)
    let base = try place.optionalDouble() ?? fallback
    guard base >= 1, base <= 1e30 else {
      throw place.error("found \(base), expected a number of at least 1.")
    }
    return Float(base)
  }

  /// Positions that are stretched beyond what the model was trained on turn differently.
  fileprivate func refuseScaledPositions() throws(JSONFieldError) {
    if try has("rope_scaling") {
      throw try field(at: "rope_scaling").error("scaled rotary positions are not supported.")
    }
    guard try has("rope_parameters") else { return }
    for type in LayerType.allCases where try has("rope_parameters", type.rawValue) {
      try field(at: "rope_parameters", type.rawValue).require("rope_type", "default")
    }
  }
}
