// SPDX-License-Identifier: Apache-2.0

/// A text, or a pair of texts, as ids of a vocabulary.
public struct Encoding: Sendable, Equatable {
  /// The ids, with those of `[CLS]` and `[SEP]`.
  public var ids: [Int32] = []
  /// For each id: 0 for the first text and its special tokens, 1 for the second.
  public var segments: [UInt8] = []
  /// For each id: the UTF-8 bytes it stands for in its own text; empty for added special tokens.
  public var offsets: [Range<Int>] = []
  /// For each id: whether it was added around the text. One typed by the user is text.
  public var isSpecial: [Bool] = []
  /// How many ids were cut off to keep to the maximum length.
  public var truncatedCount = 0

  /// Makes an encoding of nothing.
  public init() {}
}
