// SPDX-License-Identifier: Apache-2.0

/// The texts of the tokens with a part to play; nil where the tokenizer has none.
public struct SpecialTokens: Sendable, Equatable {
  /// Fills rows where a fixed length is asked for.
  public var padding: String?
  /// Stands for what the vocabulary cannot write.
  public var unknown: String?
  /// Begins a text; its state stands for the whole.
  public var classification: String?
  /// Ends a text.
  public var separator: String?
  /// Stands for a token to be guessed.
  public var mask: String?

  /// The names of BERT.
  public static let bert = SpecialTokens(
    padding: "[PAD]", unknown: "[UNK]", classification: "[CLS]", separator: "[SEP]", mask: "[MASK]")

  /// The names of RoBERTa and XLM-R.
  public static let roberta = SpecialTokens(
    padding: "<pad>", unknown: "<unk>", classification: "<s>", separator: "</s>", mask: "<mask>")

  /// The names of MPNet.
  static let mpnet = SpecialTokens(
    padding: "<pad>", unknown: "[UNK]", classification: "<s>", separator: "</s>", mask: "<mask>")

  /// Makes a set of names.
  public init(
    padding: String? = nil, unknown: String? = nil, classification: String? = nil,
    separator: String? = nil, mask: String? = nil
  ) {
    self.padding = padding
    self.unknown = unknown
    self.classification = classification
    self.separator = separator
    self.mask = mask
  }

  /// The parts under the keys that `tokenizer_config.json` and `special_tokens_map.json` use.
  static var parts: [(key: String, path: WritableKeyPath<SpecialTokens, String?>)] {
    [
      ("pad_token", \.padding), ("unk_token", \.unknown), ("cls_token", \.classification),
      ("sep_token", \.separator), ("mask_token", \.mask),
    ]
  }
}
