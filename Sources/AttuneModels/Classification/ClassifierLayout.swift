// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers

/// How a classifier's folder is laid out, which says who can open it.
public enum ClassifierLayout: String, Sendable, Hashable, CaseIterable {
  /// The family's class for sequence classification in `transformers`.
  case transformers
  /// An encoder, a pooling module and a linear head: `sentence_transformers.SentenceTransformer` returns the logits.
  case sentenceTransformers
  /// Everything else, under our own names.
  case attune

  /// Which program opens such a folder with an encoder of the family, for people.
  public func reader(for family: EncoderFamily) -> String {
    switch self {
    case .transformers: "transformers (\(family.architecture(with: .sequenceClassification)))"
    case .sentenceTransformers: "sentence-transformers (the embedding of a text is its logits)"
    case .attune: "Attune only"
    }
  }
}

extension ClassifierConfiguration {
  /// The layout that lets most programs open the model.
  public var layout: ClassifierLayout {
    let fitsHead = encoder.family.layout.classifierHead.name(of: pooling) != nil
    return switch (encoder.fitsFamily, pooling, hasPooler) {
    case (true, _, true) where fitsHead: .transformers
    case (true, .mean, false), (true, .max, false), (true, .first, false): .sentenceTransformers
    default: .attune
    }
  }

  /// `id2label` and `label2id`.
  var labelMembers: [(String, JSONValue)] {
    [
      (
        "id2label",
        .object(JSONObject(labels.enumerated().map { ("\($0.offset)", .string($0.element)) }))
      ),
      (
        "label2id",
        .object(JSONObject(labels.enumerated().map { ($0.element, .integer($0.offset)) }))
      ),
    ]
  }
}
