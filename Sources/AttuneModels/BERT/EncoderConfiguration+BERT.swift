// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension EncoderConfiguration {
  /// Sizes beyond any machine are refused before anything is allocated.
  private static let sizeLimit = 1 << 24

  /// The special tokens of a pair and a token.
  private static let shortestWindow = 4

  /// Reads what `config.json` says of a BERT; keys that the file leaves out have BERT's defaults.
  public init(bert json: JSONField) throws(JSONFieldError) {
    func size(
      _ key: String, _ fallback: Int, atLeast least: Int = 1
    ) throws(JSONFieldError) -> Int {
      try json.has(key) ? json.integer(at: key, in: least...Self.sizeLimit) : fallback
    }
    func rate(_ key: String) throws(JSONFieldError) -> Float {
      let rate = try json.optionalDouble(at: key) ?? 0.1
      guard rate >= 0, rate < 1 else {
        throw try json.field(at: key).error("found \(rate), expected a rate from 0 to below 1.")
      }
      return Float(rate)
    }
    let dimension = try size("hidden_size", 768)
    let headCount = try size("num_attention_heads", 12)
    guard dimension.isMultiple(of: headCount) else {
      throw try json.field(at: "num_attention_heads").error(
        "found \(headCount), expected a number that divides hidden_size, \(dimension).")
    }
    let epsilon = try json.optionalDouble(at: "layer_norm_eps") ?? 1e-12
    guard epsilon > 0, epsilon < 1 else {
      throw try json.field(at: "layer_norm_eps").error(
        "found \(epsilon), expected a small positive number.")
    }
    let layer = TransformerLayerSettings(
      modelDimension: dimension, headCount: headCount,
      feedForwardDimension: try size("intermediate_size", 3072),
      activation: try json.optionalChoice(at: "hidden_act", of: Activation.self) ?? .gelu,
      epsilon: Float(epsilon), dropout: try rate("hidden_dropout_prob"),
      attentionDropout: try rate("attention_probs_dropout_prob"))
    self.init(
      vocabularySize: try size("vocab_size", 30522), layerCount: try size("num_hidden_layers", 12),
      layer: layer,
      maximumLength: try size("max_position_embeddings", 512, atLeast: Self.shortestWindow),
      segmentCount: try size("type_vocab_size", 2))
    if let positions = try json.optionalString(at: "position_embedding_type"),
      positions != "absolute"
    {
      throw try json.field(at: "position_embedding_type").error(
        "found '\(positions)', expected 'absolute'.")
    }
  }

  /// The keys of `config.json` that describe the encoder.
  var bertMembers: [(String, JSONValue)] {
    [
      ("model_type", "bert"),
      ("vocab_size", .integer(vocabularySize)),
      ("hidden_size", .integer(layer.modelDimension)),
      ("num_hidden_layers", .integer(layerCount)),
      ("num_attention_heads", .integer(layer.headCount)),
      ("intermediate_size", .integer(layer.feedForwardDimension)),
      ("hidden_act", .string(layer.activation.rawValue)),
      ("hidden_dropout_prob", .number(shortest(layer.dropout))),
      ("attention_probs_dropout_prob", .number(shortest(layer.attentionDropout))),
      ("max_position_embeddings", .integer(maximumLength)),
      ("type_vocab_size", .integer(segmentCount)),
      ("layer_norm_eps", .number(shortest(layer.epsilon))),
      ("position_embedding_type", "absolute"),
      ("pad_token_id", .integer(0)),
    ]
  }
}

/// The double that prints as the float does: 0.1, not 0.10000000149011612.
func shortest(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
