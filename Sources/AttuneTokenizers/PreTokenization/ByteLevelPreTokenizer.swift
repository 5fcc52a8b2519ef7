// SPDX-License-Identifier: Apache-2.0

/// The pre-tokenizer of models whose vocabulary writes bytes.
///
/// The bytes themselves stay as they are: `BPE` reads its vocabulary as bytes instead.
public struct ByteLevelPreTokenizer: Sendable, Equatable {
  /// Whether a space is put before a text that does not begin with one.
  public var addsPrefixSpace: Bool
  /// Whether the text is cut into the words of GPT-2; otherwise it is one word.
  public var cutsWords: Bool
  /// A setting of files without effect here: the post-processor trims.
  public var trimsOffsets: Bool

  /// Makes a pre-tokenizer with the settings of RoBERTa.
  public init(addsPrefixSpace: Bool = false, cutsWords: Bool = true, trimsOffsets: Bool = true) {
    self.addsPrefixSpace = addsPrefixSpace
    self.cutsWords = cutsWords
    self.trimsOffsets = trimsOffsets
  }

  @inline(__always)
  func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    guard cutsWords else { return range.isEmpty ? () : body(range) }
    var position = range.lowerBound
    while position < range.upperBound {
      let end = WordPattern.gpt2End(in: bytes, position..<range.upperBound)
      body(position..<end)
      position = end
    }
  }
}
