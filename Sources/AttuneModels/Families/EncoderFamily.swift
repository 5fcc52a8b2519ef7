// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A family of published encoders; the raw value is its `model_type` in `config.json`.
public enum EncoderFamily: String, Sendable, Hashable, Codable, CaseIterable {
  /// Devlin et al. 2019.
  case bert
  /// Sanh et al. 2019: half of BERT's layers, no segments.
  case distilBERT = "distilbert"
  /// Liu et al. 2019: positions are counted from the padding token's id.
  case roberta
  /// Conneau et al. 2020: RoBERTa with the vocabulary of a hundred languages.
  case xlmRoberta = "xlm-roberta"
  /// Martin et al. 2020: RoBERTa for French.
  case camembert
  /// Song et al. 2020: BERT's layers, and a trained number for each head and bucket of distances.
  case mpnet
  /// Warner et al. 2024: rotary positions, gates, windows, norms in front.
  case modernBERT = "modernbert"

  /// Reads `model_type`; an unknown one is refused with the list of the known ones and the nearest.
  ///
  /// - Parameter others: What else the caller would have taken.
  public init(
    modelTypeIn json: JSONField, or others: [String] = []
  ) throws(JSONFieldError) {
    let type = try json.string(at: "model_type")
    guard let family = EncoderFamily(rawValue: type) else {
      let known = Self.allCases.map(\.rawValue) + others
      throw try json.field(at: "model_type").error(
        "found '\(type)', expected one of: \(known.joined(separator: ", "))."
          + UnknownFamily.hint(for: type, known: known))
    }
    self = family
  }

  /// What tells the family from the others: the only place that chooses by family.
  var layout: FamilyLayout {
    switch self {
    case .bert: .bert
    case .distilBERT: .distilBERT
    case .roberta: .roberta
    case .xlmRoberta: .xlmRoberta
    case .camembert: .camembert
    case .mpnet: .mpnet
    case .modernBERT: .modernBERT
    }
  }

  /// Whether files of the family have a place for what tells whether one text follows another.
  public var hasNextSentence: Bool { !layout.nextSentence.isEmpty }

  /// The name of the class in transformers for a head, as `BertForSequenceClassification`.
  public func architecture(with head: ModelHead) -> String {
    layout.classPrefix + head.classSuffix
  }
}

/// What a checkpoint holds on top of its encoder.
public enum ModelHead: Sendable, Hashable {
  /// The encoder alone.
  case none
  /// Scores of labels for a text.
  case sequenceClassification
  /// Scores of the vocabulary for each token.
  case maskedTokens
  /// A head that is not supported, by the name of its class; the encoder can still be used.
  case other(String)

  /// What the name of a class in transformers ends with.
  var classSuffix: String {
    switch self {
    case .none: "Model"
    case .sequenceClassification: "ForSequenceClassification"
    case .maskedTokens: "ForMaskedLM"
    case .other(let architecture): architecture
    }
  }

  /// The head of a class in transformers.
  init(architecture: String) {
    switch architecture {
    case let name where name.hasSuffix("ForSequenceClassification"): self = .sequenceClassification
    case let name where name.hasSuffix("ForMaskedLM") || name.hasSuffix("ForPreTraining"):
      self = .maskedTokens
    case let name where name.hasSuffix("Model") && !name.hasSuffix("LMHeadModel"): self = .none
    default: self = .other(architecture)
    }
  }

  /// The head in words.
  public var summary: String {
    switch self {
    case .none: "none"
    case .sequenceClassification: "sequence classification"
    case .maskedTokens: "masked tokens"
    case .other(let architecture): "that of \(architecture), which is not read"
    }
  }
}
