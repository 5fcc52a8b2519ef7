// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension FamilyLayout {
  /// Sanh et al. 2019.
  static let distilBERT = FamilyLayout(
    classPrefix: "DistilBert", prefix: "distilbert.", encoder: distilBERTEncoder,
    classifier: [
      ("head.pooler.{p}", "pre_classifier.{p}"), ("head.classifier.{p}", "classifier.{p}"),
    ],
    maskedTokens: [
      ("head.dense.{p}", "vocab_transform.{p}"), ("head.norm.{p}", "vocab_layer_norm.{p}"),
    ],
    output: OutputNames(weight: "vocab_projector.weight", bias: "vocab_projector.bias"),
    classifierHead: ClassifierHead(
      activation: .relu, dropoutKey: "seq_classif_dropout", defaultDropout: 0.2),
    read: { json throws(JSONFieldError) in try EncoderConfiguration(distilBERT: json) },
    members: { $0.distilBERTMembers },
    fits: {
      $0.layer.normPlacement == .post && $0.positions == .learned && $0.segmentCount == 0
        && $0.layer.hasPlainParts && $0.hasPlainAttention
        && $0.layer.epsilon == EncoderConfiguration.distilBERTEpsilon
    })

  private static var distilBERTEncoder: [Name] {
    func layer(_ ours: String, _ theirs: String) -> Name {
      ("encoder.layers.{i}.\(ours)", "distilbert.transformer.layer.{i}.\(theirs)")
    }
    func embeddings(_ ours: String, _ theirs: String) -> Name {
      ("encoder.embeddings.\(ours)", "distilbert.embeddings.\(theirs)")
    }
    return [
      embeddings("token.weight", "word_embeddings.weight"),
      embeddings("position.weight", "position_embeddings.weight"),
      embeddings("norm.{p}", "LayerNorm.{p}"),
      layer("selfAttention.query.{p}", "attention.q_lin.{p}"),
      layer("selfAttention.key.{p}", "attention.k_lin.{p}"),
      layer("selfAttention.value.{p}", "attention.v_lin.{p}"),
      layer("selfAttention.output.{p}", "attention.out_lin.{p}"),
      layer("selfAttentionResidual.norm.{p}", "sa_layer_norm.{p}"),
      layer("feedForward.expand.{p}", "ffn.lin1.{p}"),
      layer("feedForward.contract.{p}", "ffn.lin2.{p}"),
      layer("feedForwardResidual.norm.{p}", "output_layer_norm.{p}"),
    ]
  }
}

extension EncoderConfiguration {
  /// No key tells it.
  static let distilBERTEpsilon: Float = 1e-12

  init(distilBERT json: JSONField) throws(JSONFieldError) {
    let dimension = try json.size("dim", default: 768)
    let layer = TransformerLayerSettings(
      modelDimension: dimension,
      headCount: try json.headCount("n_heads", default: 12, dividing: dimension, of: "dim"),
      feedForwardDimension: try json.size("hidden_dim", default: 3072),
      activation: try json.activation("activation"), epsilon: Self.distilBERTEpsilon,
      dropout: try json.rate("dropout"), attentionDropout: try json.rate("attention_dropout"))
    let vocabularySize = try json.size("vocab_size", default: 30522)
    self.init(
      family: .distilBERT, vocabularySize: vocabularySize,
      layerCount: try json.size("n_layers", default: 6), layer: layer,
      maximumLength: try json.size(
        "max_position_embeddings", default: 512, atLeast: Self.shortestWindow),
      segmentCount: 0,
      paddingID: try json.paddingID(default: 0, vocabularySize: vocabularySize))
  }

  var distilBERTMembers: [(String, JSONValue)] {
    [
      ("model_type", .string(family.rawValue)),
      ("vocab_size", .integer(vocabularySize)),
      ("dim", .integer(layer.modelDimension)),
      ("n_layers", .integer(layerCount)),
      ("n_heads", .integer(layer.headCount)),
      ("hidden_dim", .integer(layer.feedForwardDimension)),
      ("activation", .string(layer.activation.configurationName)),
      ("dropout", .number(shortest(layer.dropout))),
      ("attention_dropout", .number(shortest(layer.attentionDropout))),
      ("max_position_embeddings", .integer(maximumLength)),
      // The waves are only what training once began with.
      ("sinusoidal_pos_embds", false),
      ("pad_token_id", .integer(paddingID)),
    ]
  }
}
