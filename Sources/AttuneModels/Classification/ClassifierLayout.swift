// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// How a classifier's folder is laid out, which says who can open it.
public enum ClassifierLayout: String, Sendable, Hashable, CaseIterable {
  /// `transformers`' `BertForSequenceClassification`.
  case bert
  /// A BERT encoder, a pooling module and a linear head: `sentence_transformers.SentenceTransformer` returns the logits.
  case sentenceTransformers
  /// Everything else, under our own names.
  case attune

  /// Which program opens such a folder, for people.
  public var reader: String {
    switch self {
    case .bert: "transformers (BertForSequenceClassification)"
    case .sentenceTransformers: "sentence-transformers (the embedding of a text is its logits)"
    case .attune: "Attune only"
    }
  }
}

extension ClassifierConfiguration {
  /// The layout that lets most programs open the model.
  public var layout: ClassifierLayout {
    let isBERT =
      encoder.layer.normPlacement == .post && encoder.positions == .learned
      && encoder.segmentCount > 0 && ![.sigmoid, .identity].contains(encoder.layer.activation)
    switch (isBERT, pooling, hasPooler) {
    case (true, .first, true): return .bert
    case (true, .mean, false), (true, .max, false), (true, .first, false):
      return .sentenceTransformers
    default: return .attune
    }
  }
}

extension JSONReadable {
  /// The names of the labels that `id2label` gives, by index.
  func labels() throws(JSONFieldError) -> [String] {
    let object = try object(at: "id2label")
    var labels = [String?](repeating: nil, count: object.count)
    for (key, value) in object.members.map({ ($0.key, $0.value) }) {
      guard let index = Int(key), labels.indices.contains(index), labels[index] == nil,
        let label = value.stringValue
      else {
        throw try field(at: "id2label").error(
          "found the entry '\(key)', expected each index below \(labels.count) once, with a name.")
      }
      labels[index] = label
    }
    let names = labels.compactMap { $0 }
    guard names.count > 1 else {
      throw try field(at: "id2label").error("found \(names.count) labels, expected at least 2.")
    }
    if let inverse = try optionalObject(at: "label2id") {
      for (index, label) in names.enumerated()
      where inverse[label].map({ $0.integerValue != index }) ?? true {
        throw try field(at: "label2id").error("'\(label)' does not lead back to \(index).")
      }
    }
    return names
  }
}

extension ClassifierConfiguration {
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
