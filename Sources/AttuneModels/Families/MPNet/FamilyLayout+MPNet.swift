// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

extension FamilyLayout {
  /// Song et al. 2020.
  static let mpnet = FamilyLayout(
    classPrefix: "MPNet", prefix: "mpnet.", encoder: mpnetEncoder,
    classifier: [
      ("head.pooler.{p}", "classifier.dense.{p}"),
      ("head.classifier.{p}", "classifier.out_proj.{p}"),
    ],
    maskedTokens: [
      ("head.dense.{p}", "lm_head.dense.{p}"), ("head.norm.{p}", "lm_head.layer_norm.{p}"),
    ],
    output: OutputNames(
      weight: "lm_head.decoder.weight", bias: "lm_head.bias", weightBias: "lm_head.decoder.bias"),
    // Whatever the layers have.
    maskedTokenActivation: .gelu, classifierHead: ClassifierHead(dropsInput: true, dropoutKey: nil),
    countsPositionsFromPadding: true,
    read: { json throws(JSONFieldError) in try EncoderConfiguration(mpnet: json) },
    members: { $0.mpnetMembers },
    fits: {
      $0.layer.normPlacement == .post && $0.positions == .learned && $0.segmentCount == 0
        && $0.layer.hasPlainParts && $0.localLayers == nil
        && $0.relativeBuckets == DistanceBuckets()
    })

  private static var mpnetEncoder: [Name] {
    func layer(_ ours: String, _ theirs: String) -> Name {
      ("encoder.layers.{i}.\(ours)", "mpnet.encoder.layer.{i}.\(theirs)")
    }
    let embeddingsAndNorms = bertEncoder(prefix: "mpnet.").filter {
      $0.ours.hasPrefix("encoder.embeddings.") && !$0.ours.contains(".segment.")
        || $0.ours.contains("feedForward")
    }
    return embeddingsAndNorms + [
      ("encoder.relativeBias.weight", "mpnet.encoder.relative_attention_bias.weight"),
      layer("selfAttention.query.{p}", "attention.attn.q.{p}"),
      layer("selfAttention.key.{p}", "attention.attn.k.{p}"),
      layer("selfAttention.value.{p}", "attention.attn.v.{p}"),
      layer("selfAttention.output.{p}", "attention.attn.o.{p}"),
      layer("selfAttentionResidual.norm.{p}", "attention.LayerNorm.{p}"),
    ]
  }
}

extension EncoderConfiguration {
  fileprivate init(mpnet json: JSONField) throws(JSONFieldError) {
    // Whatever these keys say, transformers computes with these numbers.
    try json.require("pad_token_id", 1)
    try json.require("relative_attention_num_buckets", .integer(DistanceBuckets().count))
    try self.init(likeBERT: json, .mpnet, vocabularySize: 30527, paddingID: 1)
    segmentCount = 0
    relativeBuckets = DistanceBuckets()
  }

  fileprivate var mpnetMembers: [(String, JSONValue)] {
    membersLikeBERT.filter { !["type_vocab_size", "position_embedding_type"].contains($0.0) } + [
      ("relative_attention_num_buckets", .integer(DistanceBuckets().count)),
      ("bos_token_id", 0), ("eos_token_id", 2),
    ]
  }
}
