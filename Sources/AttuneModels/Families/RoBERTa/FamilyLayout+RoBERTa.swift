// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneTensors

extension FamilyLayout {
  /// Liu et al. 2019.
  static let roberta = roberta(.roberta, classPrefix: "Roberta", vocabularySize: 50265)
  /// Conneau et al. 2020.
  static let xlmRoberta = roberta(.xlmRoberta, classPrefix: "XLMRoberta", vocabularySize: 30522)
  /// Martin et al. 2020.
  static let camembert = roberta(.camembert, classPrefix: "Camembert", vocabularySize: 30522)

  private static func roberta(
    _ family: EncoderFamily, classPrefix: String, vocabularySize: Int
  ) -> FamilyLayout {
    FamilyLayout(
      classPrefix: classPrefix, prefix: "roberta.", encoder: bertEncoder(prefix: "roberta."),
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
      maskedTokenActivation: .gelu, classifierHead: ClassifierHead(dropsInput: true),
      countsPositionsFromPadding: true,
      read: { json throws(JSONFieldError) in
        try EncoderConfiguration(
          likeBERT: json, family, vocabularySize: vocabularySize, paddingID: 1)
      },
      members: { $0.membersLikeBERT + [("bos_token_id", 0), ("eos_token_id", 2)] },
      fits: { $0.isLikeBERT })
  }
}
