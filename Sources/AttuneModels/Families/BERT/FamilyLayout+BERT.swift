// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension FamilyLayout {
  /// Devlin et al. 2019.
  static let bert = FamilyLayout(
    classPrefix: "Bert", prefix: "bert.", encoder: bertEncoder(prefix: "bert."),
    classifier: [
      ("head.pooler.{p}", "bert.pooler.dense.{p}"), ("head.classifier.{p}", "classifier.{p}"),
    ],
    maskedTokens: [
      ("head.dense.{p}", "cls.predictions.transform.dense.{p}"),
      ("head.norm.{p}", "cls.predictions.transform.LayerNorm.{p}"),
    ],
    output: OutputNames(
      weight: "cls.predictions.decoder.weight", bias: "cls.predictions.bias",
      weightBias: "cls.predictions.decoder.bias"),
    nextSentence: [
      ("nextSentence.pooler.{p}", "bert.pooler.dense.{p}"),
      ("nextSentence.classifier.{p}", "cls.seq_relationship.{p}"),
    ],
    read: { json throws(JSONFieldError) in
      try EncoderConfiguration(likeBERT: json, .bert, vocabularySize: 30522, paddingID: 0)
    },
    members: { $0.membersLikeBERT }, fits: { $0.isLikeBERT })

  /// The names of BERT's encoder, which others took over with a prefix of their own.
  static func bertEncoder(prefix: String) -> [Name] {
    func layer(_ ours: String, _ theirs: String) -> Name {
      ("encoder.layers.{i}.\(ours)", "\(prefix)encoder.layer.{i}.\(theirs)")
    }
    func embeddings(_ ours: String, _ theirs: String) -> Name {
      ("encoder.embeddings.\(ours)", "\(prefix)embeddings.\(theirs)")
    }
    return [
      embeddings("token.weight", "word_embeddings.weight"),
      embeddings("position.weight", "position_embeddings.weight"),
      embeddings("segment.weight", "token_type_embeddings.weight"),
      embeddings("norm.{p}", "LayerNorm.{p}"),
      layer("selfAttention.query.{p}", "attention.self.query.{p}"),
      layer("selfAttention.key.{p}", "attention.self.key.{p}"),
      layer("selfAttention.value.{p}", "attention.self.value.{p}"),
      layer("selfAttention.output.{p}", "attention.output.dense.{p}"),
      layer("selfAttentionResidual.norm.{p}", "attention.output.LayerNorm.{p}"),
      layer("feedForward.expand.{p}", "intermediate.dense.{p}"),
      layer("feedForward.contract.{p}", "output.dense.{p}"),
      layer("feedForwardResidual.norm.{p}", "output.LayerNorm.{p}"),
    ]
  }
}

extension EncoderConfiguration {
  /// The special tokens of a pair and a token.
  static let shortestWindow = 4

  /// Reads the keys of BERT, which RoBERTa shares.
  init(
    likeBERT json: JSONField, _ family: EncoderFamily, vocabularySize: Int, paddingID: Int
  ) throws(JSONFieldError) {
    try json.require("is_decoder", false)
    try json.require("position_embedding_type", "absolute")
    let dimension = try json.size("hidden_size", default: 768)
    let layer = TransformerLayerSettings(
      modelDimension: dimension,
      headCount: try json.headCount(
        "num_attention_heads", default: 12, dividing: dimension, of: "hidden_size"),
      feedForwardDimension: try json.size("intermediate_size", default: 3072),
      activation: try json.activation("hidden_act"), epsilon: try json.epsilon("layer_norm_eps"),
      dropout: try json.rate("hidden_dropout_prob"),
      attentionDropout: try json.rate("attention_probs_dropout_prob"))
    let vocabularySize = try json.size("vocab_size", default: vocabularySize)
    let paddingID = try json.paddingID(default: paddingID, vocabularySize: vocabularySize)
    let offset = family.layout.countsPositionsFromPadding ? paddingID + 1 : 0
    let positions = try json.size(
      "max_position_embeddings", default: 512, atLeast: offset + Self.shortestWindow)
    self.init(
      family: family, vocabularySize: vocabularySize,
      layerCount: try json.size("num_hidden_layers", default: 12), layer: layer,
      maximumLength: positions - offset, segmentCount: try json.size("type_vocab_size", default: 2),
      paddingID: paddingID)
  }

  /// The keys of BERT, which RoBERTa shares.
  var membersLikeBERT: [(String, JSONValue)] {
    [
      ("model_type", .string(family.rawValue)),
      ("vocab_size", .integer(vocabularySize)),
      ("hidden_size", .integer(layer.modelDimension)),
      ("num_hidden_layers", .integer(layerCount)),
      ("num_attention_heads", .integer(layer.headCount)),
      ("intermediate_size", .integer(layer.feedForwardDimension)),
      ("hidden_act", .string(layer.activation.configurationName)),
      ("hidden_dropout_prob", .number(shortest(layer.dropout))),
      ("attention_probs_dropout_prob", .number(shortest(layer.attentionDropout))),
      ("max_position_embeddings", .integer(maximumLength + positionOffset)),
      ("type_vocab_size", .integer(segmentCount)),
      ("layer_norm_eps", .number(shortest(layer.epsilon))),
      ("position_embedding_type", "absolute"),
      ("pad_token_id", .integer(paddingID)),
    ]
  }

  /// Whether BERT's classes can hold the encoder.
  var isLikeBERT: Bool {
    layer.normPlacement == .post && positions == .learned && segmentCount > 0
      && layer.hasPlainParts && hasPlainAttention
  }
}
