// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints

extension ParameterNameMap {
  /// Hugging Face's BERT, with a classification head when the file has one.
  ///
  /// Names begin with `bert.` in classifiers and without it in bare encoders.
  public static let bert = ParameterNameMap(
    [
      .rename("encoder.embeddings.token.weight", "bert.embeddings.word_embeddings.weight"),
      .rename("encoder.embeddings.position.weight", "bert.embeddings.position_embeddings.weight"),
      .rename("encoder.embeddings.segment.weight", "bert.embeddings.token_type_embeddings.weight"),
      .rename("encoder.embeddings.norm.{p}", "bert.embeddings.LayerNorm.{p}"),
      layer("selfAttention.query.{p}", "attention.self.query.{p}"),
      layer("selfAttention.key.{p}", "attention.self.key.{p}"),
      layer("selfAttention.value.{p}", "attention.self.value.{p}"),
      layer("selfAttention.output.{p}", "attention.output.dense.{p}"),
      layer("selfAttentionResidual.norm.{p}", "attention.output.LayerNorm.{p}"),
      layer("feedForward.expand.{p}", "intermediate.dense.{p}"),
      layer("feedForward.contract.{p}", "output.dense.{p}"),
      layer("feedForwardResidual.norm.{p}", "output.LayerNorm.{p}"),
      .rename("head.pooler.{p}", "bert.pooler.dense.{p}"),
      .rename("head.classifier.{p}", "classifier.{p}"),
      .ignore("bert.embeddings.position_ids", because: "positions are counted, not stored"),
    ], optionalPrefix: "bert.", oldSpellings: ["gamma": "weight", "beta": "bias"])

  /// The encoder of a sentence embedder, a BERT without a head of its own.
  public static let bertEncoder = bert.preceded(by: [
    .ignore("bert.pooler.dense.{p}", because: "the pooling module takes its place"),
    .ignore("cls.{p...}", because: "the head of pretraining"),
    .ignore("classifier.{p}", because: "another head takes its place"),
  ]).writingWithoutPrefix()

  private static func layer(_ ours: String, _ theirs: String) -> Rule {
    .rename("encoder.layers.{i}.\(ours)", "bert.encoder.layer.{i}.\(theirs)")
  }
}
