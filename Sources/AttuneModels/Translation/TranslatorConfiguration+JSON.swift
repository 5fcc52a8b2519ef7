// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension TranslatorConfiguration {
  /// `model_type` of folders that transformers opens.
  static let marianModelType = "marian"
  /// `model_type` of folders in our own layout.
  static let ownModelType = "attune-translator"

  /// Reads `config.json`; what the file leaves out has the defaults of transformers.
  init(_ json: JSONField) throws(JSONFieldError) {
    let layout = try TranslatorLayout(modelTypeIn: json)
    try Self.requireSupported(json)
    let vocabularySize = try json.size("vocab_size", default: 58101)
    // Two vocabularies are two tables, of which neither is shared.
    if try json.has("decoder_vocab_size"), try json.field(at: "decoder_vocab_size").value != .null {
      try json.require("decoder_vocab_size", .integer(vocabularySize))
    }
    var encoder = try Self.layer(json, "encoder")
    var decoder = try Self.layer(json, "decoder")
    var positions = TokenPositions(
      order: .halves, scalesTokens: try json.optionalBool(at: "scale_embedding") ?? false)
    if layout == .attune {
      positions.order = try json.choice(at: "position_order")
      let placement: NormPlacement = try json.choice(at: "norm_placement")
      let epsilon = try json.epsilon("layer_norm_eps", default: Self.marianEpsilon)
      (encoder.normPlacement, decoder.normPlacement) = (placement, placement)
      (encoder.epsilon, decoder.epsilon) = (epsilon, epsilon)
    }
    self.init(
      vocabularySize: vocabularySize,
      encoderLayerCount: try json.size("encoder_layers", default: 12),
      decoderLayerCount: try json.size("decoder_layers", default: 12), layer: encoder,
      positions: positions, tokens: try TranslatorTokens(json, vocabularySize: vocabularySize),
      maximumLength: try json.size("max_position_embeddings", default: 1024, atLeast: 2))
    self.decoder = decoder
  }

  /// Refuses what old versions of Marian's configuration could ask for and no file of transformers is made of.
  private static func requireSupported(_ json: JSONField) throws(JSONFieldError) {
    let only: [(String, JSONValue)] = [
      ("share_encoder_decoder_embeddings", true), ("tie_word_embeddings", true),
      ("normalize_before", false), ("normalize_embedding", false),
      ("add_final_layer_norm", false), ("static_position_embeddings", true),
    ]
    for (key, value) in only { try json.require(key, value) }
  }

  /// Reads the sizes and settings of the layers of one side, `encoder` or `decoder`.
  static func layer(
    _ json: JSONField, _ side: String
  ) throws(JSONFieldError) -> TransformerLayerSettings {
    let dimension = try json.size("d_model", default: 1024)
    var layer = TransformerLayerSettings(
      modelDimension: dimension,
      headCount: try json.headCount(
        "\(side)_attention_heads", default: 16, dividing: dimension, of: "d_model"),
      feedForwardDimension: try json.size("\(side)_ffn_dim", default: 4096),
      activation: try json.activation("activation_function"), epsilon: marianEpsilon,
      dropout: try json.rate("dropout"),
      attentionDropout: try json.rate("attention_dropout", default: 0))
    layer.feedForwardDropout = try json.rate("activation_dropout", default: 0)
    return layer
  }

  /// `config.json` in the given layout.
  func json(_ layout: TranslatorLayout, _ storage: WeightStorage) -> JSONValue {
    precondition(layout == .attune || fitsMarian, "Marian cannot hold this translator")
    var members: [(String, JSONValue)] = []
    switch layout {
    case .marian:
      members = [
        ("architectures", ["MarianMTModel"]), ("model_type", .string(Self.marianModelType)),
      ]
    case .attune:
      members = [
        ("model_type", .string(Self.ownModelType)),
        ("norm_placement", .string(encoder.normPlacement.rawValue)),
        ("position_order", .string(positions.order.rawValue)),
        ("layer_norm_eps", .number(shortest(encoder.epsilon))),
      ]
    }
    return .object(
      JSONObject(
        members + sizeMembers + settingMembers + tokens.members
          + storage.configurationMembers))
  }

  private var sizeMembers: [(String, JSONValue)] {
    [
      ("vocab_size", .integer(vocabularySize)),
      ("decoder_vocab_size", .integer(vocabularySize)),
      ("d_model", .integer(encoder.modelDimension)),
      ("encoder_layers", .integer(encoderLayerCount)),
      ("encoder_attention_heads", .integer(encoder.headCount)),
      ("encoder_ffn_dim", .integer(encoder.feedForwardDimension)),
      ("decoder_layers", .integer(decoderLayerCount)),
      ("decoder_attention_heads", .integer(decoder.headCount)),
      ("decoder_ffn_dim", .integer(decoder.feedForwardDimension)),
      ("num_hidden_layers", .integer(encoderLayerCount)),
      ("max_position_embeddings", .integer(maximumLength)),
    ]
  }

  private var settingMembers: [(String, JSONValue)] {
    [
      ("activation_function", .string(encoder.activation.configurationName)),
      ("dropout", .number(shortest(encoder.dropout))),
      ("attention_dropout", .number(shortest(encoder.attentionDropout))),
      ("activation_dropout", .number(shortest(encoder.feedForwardDropout))),
      ("encoder_layerdrop", 0.0), ("decoder_layerdrop", 0.0),
      ("init_std", 0.02),
      ("scale_embedding", .bool(positions.scalesTokens)),
      ("share_encoder_decoder_embeddings", true), ("tie_word_embeddings", true),
      // What transformers no longer reads, but CTranslate2 asks for.
      ("normalize_before", false), ("normalize_embedding", false),
      ("add_final_layer_norm", false), ("static_position_embeddings", true),
      ("is_encoder_decoder", true), ("use_cache", true),
    ]
  }
}

extension TranslatorLayout {
  init(modelTypeIn json: JSONField) throws(JSONFieldError) {
    let type = try json.string(at: "model_type")
    let known = [TranslatorConfiguration.marianModelType, TranslatorConfiguration.ownModelType]
    switch type {
    case known[0]: self = .marian
    case known[1]: self = .attune
    default:
      throw try json.field(at: "model_type").error(
        "found '\(type)', expected a translator: \(known.joined(separator: " or "))."
          + EditDistance.suggestion(for: type, in: known))
    }
  }
}

extension TranslatorTokens {
  init(_ json: JSONField, vocabularySize: Int) throws(JSONFieldError) {
    func id(_ key: String, default fallback: Int) throws(JSONFieldError) -> Int32 {
      guard try json.has(key) else {
        guard fallback < vocabularySize else {
          throw try json.field(at: key).error(
            "is missing, and its default, \(fallback), is not below vocab_size, \(vocabularySize).")
        }
        return Int32(fallback)
      }
      if case .array? = try json.field(at: key).value {
        guard let first = try json.integers(at: key).first, 0..<vocabularySize ~= first else {
          throw try json.field(at: key).error("expected an id below \(vocabularySize).")
        }
        return Int32(first)
      }
      return Int32(try json.integer(at: key, in: 0...vocabularySize - 1))
    }
    let padding = try id("pad_token_id", default: 58100)
    self.init(
      start: try id("decoder_start_token_id", default: Int(padding)),
      end: try id("eos_token_id", default: 0), padding: padding)
  }

  /// The ids as `config.json` holds them.
  var members: [(String, JSONValue)] {
    [
      ("pad_token_id", .integer(Int(padding))), ("eos_token_id", .integer(Int(end))),
      ("forced_eos_token_id", .integer(Int(end))), ("bos_token_id", .null),
      ("decoder_start_token_id", .integer(Int(start))),
    ]
  }
}
