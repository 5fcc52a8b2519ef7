// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers

extension FamilyLayout {
  /// Warner et al. 2024.
  static let modernBERT = FamilyLayout(
    classPrefix: "ModernBert", prefix: "model.", encoder: modernBERTEncoder,
    stacked: [
      (
        ["query", "key", "value"].map { "encoder.layers.{i}.selfAttention.\($0).{p}" },
        "model.layers.{i}.attn.Wqkv.{p}"
      )
    ],
    classifier: [
      ("head.pooler.{p}", "head.dense.{p}"), ("head.norm.{p}", "head.norm.{p}"),
      ("head.classifier.{p}", "classifier.{p}"),
    ],
    maskedTokens: [("head.dense.{p}", "head.dense.{p}"), ("head.norm.{p}", "head.norm.{p}")],
    output: OutputNames(weight: "decoder.weight", bias: "decoder.bias"),
    classifierHead: ClassifierHead(
      defaultDropout: 0, hasNorm: true, poolingKey: "classifier_pooling",
      poolings: [("cls", .first), ("mean", .mean)]),
    read: { json throws(JSONFieldError) in try EncoderConfiguration(modernBERT: json) },
    members: { $0.modernBERTMembers },
    fits: {
      $0.layer.normPlacement == .pre && !$0.normsFirstInput && $0.positions == .rotary
        && $0.segmentCount == 0 && $0.layer.isGated && $0.localLayers != nil
        && $0.relativeBuckets == nil && $0.head != nil
    })

  private static var modernBERTEncoder: [Name] {
    func layer(_ ours: String, _ theirs: String) -> Name {
      ("encoder.layers.{i}.\(ours)", "model.layers.{i}.\(theirs)")
    }
    return [
      ("encoder.embeddings.token.weight", "model.embeddings.tok_embeddings.weight"),
      ("encoder.embeddings.norm.{p}", "model.embeddings.norm.{p}"),
      layer("selfAttentionResidual.norm.{p}", "attn_norm.{p}"),
      layer("selfAttention.output.{p}", "attn.Wo.{p}"),
      layer("feedForwardResidual.norm.{p}", "mlp_norm.{p}"),
      layer("feedForward.expand.{p}", "mlp.Wi.{p}"),
      layer("feedForward.contract.{p}", "mlp.Wo.{p}"),
      ("encoder.finalNorm.{p}", "model.final_norm.{p}"),
    ]
  }
}
