// SPDX-License-Identifier: Apache-2.0

/// Byte-pair encoding: the characters of a word are merged pair by pair, the first pair in the list
/// of merges first (Sennrich et al., 2016), or its bytes (Radford et al., 2019).
public struct BPE: Sendable, Equatable {
  /// Two neighbouring pieces that become one.
  public struct Merge: Sendable, Equatable {
    /// The piece on the left.
    public let left: Int32
    /// The piece on the right.
    public let right: Int32
    /// What they become.
    public let result: Int32

    /// Makes a merge of ids of the vocabulary.
    public init(left: Int32, right: Int32, result: Int32) {
      (self.left, self.right, self.result) = (left, right, result)
    }
  }

  /// What files say beside vocabulary and merges.
  public struct Settings: Sendable, Equatable {
    /// The token for characters that the vocabulary lacks; without it they are left out.
    public var unknownToken: String?
    /// What pieces begin with that do not begin a word.
    public var continuingPrefix = ""
    /// What pieces end with that end a word.
    public var endOfWordSuffix = ""
    /// Whether neighbouring unknown characters are one unknown token.
    public var fusesUnknown = false
    /// Whether characters that the vocabulary lacks are written in tokens such as `<0xE2>`.
    public var fallsBackToBytes = false
    /// Whether a word of the vocabulary is one piece even where merges do not lead to it.
    public var ignoresMerges = false
    /// Whether the vocabulary is written in the characters of GPT-2 that stand for bytes.
    public var isByteLevel = false

    /// Makes settings with which GPT-2 and RoBERTa differ only in `isByteLevel`.
    public init() {}
  }

  /// Everything, behind one reference: a model is copied wherever words are cut.
  let rules: BPERules

  /// The pieces with their ids.
  public var vocabulary: Vocabulary { rules.vocabulary }
  /// The merges, most important first.
  public var merges: [Merge] { rules.merges }
  /// All else.
  public var settings: Settings { rules.settings }

  /// Makes a model; the ids of the merges and the unknown token must be in the vocabulary.
  public init(vocabulary: Vocabulary, merges: [Merge], settings: Settings) {
    rules = BPERules(
      vocabulary: vocabulary, merges: merges, ranks: Array(0..<UInt32(merges.count)),
      settings: settings)
  }

  /// Makes a model whose merges of one rank are equally important: the leftmost is made first.
  init(vocabulary: Vocabulary, merges: [Merge], ranks: [UInt32], settings: Settings) {
    rules = BPERules(vocabulary: vocabulary, merges: merges, ranks: ranks, settings: settings)
  }

  /// Returns whether both have the same pieces, merges and settings.
  public static func == (left: BPE, right: BPE) -> Bool {
    left.rules === right.rules
      || left.settings == right.settings && left.merges == right.merges
        && left.rules.ranks == right.rules.ranks
        && left.vocabulary == right.vocabulary
  }
}
