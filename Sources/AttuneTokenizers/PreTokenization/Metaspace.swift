// SPDX-License-Identifier: Apache-2.0

/// Writes spaces as a mark of their own, `▁`, and begins a word at each.
public struct Metaspace: Sendable, Equatable {
  /// Where the mark is put although no space stands there.
  public enum Prefix: String, Sendable, CaseIterable {
    /// Before everything that is cut.
    case always
    /// Before the beginning of the text.
    case first
    /// Nowhere.
    case never
  }

  /// What stands for a space.
  public let replacement: Unicode.Scalar
  /// Where the mark is put although no space stands there.
  public let prefix: Prefix
  /// Whether a word begins at each mark; otherwise nothing is cut.
  public let cuts: Bool

  private let lead: UInt8

  /// Makes the pre-tokenizer of SentencePiece.
  public init(replacement: Unicode.Scalar = "\u{2581}", prefix: Prefix = .always, cuts: Bool = true)
  {
    (self.replacement, self.prefix, self.cuts) = (replacement, prefix, cuts)
    lead = UTF8.encode(replacement)?.first ?? 0
  }

  /// Writes the words with their spaces replaced and the mark before them, and cuts them.
  func apply(to words: inout PreTokenizedText) {
    guard words.text.tracksSources || prefix == .first else { return applyUntracked(to: &words) }
    words.rewriteWords { text, word, changed in append(word, of: text, to: &changed) }
    guard cuts else { return }
    words.cut { bytes, word, body in
      var start = word.lowerBound
      var position = start + UTF8Scalars.length(ofLead: bytes[start])
      while position < word.upperBound {
        if begins(at: position, in: bytes) {
          body(start..<position)
          start = position
        }
        position += 1
      }
      body(start..<word.upperBound)
    }
  }

  /// Does the same in one pass where nobody asks for sources.
  private func applyUntracked(to words: inout PreTokenizedText) {
    let mark = Array(String(replacement).utf8)
    var cutWords: [Range<Int>] = []
    cutWords.reserveCapacity(words.words.count + (cuts ? words.text.bytes.count / 6 : 0))
    let room = mark.count * (words.text.bytes.count + words.words.count)
    let written = [UInt8](unsafeUninitializedCapacity: room) { target, count in
      words.text.bytes.withUnsafeBufferPointer { bytes in
        for word in words.words {
          var start = count
          if prefix == .always, bytes[word.lowerBound] != 0x20,
            !begins(at: word.lowerBound, in: bytes)
          {
            for byte in mark { target.append(byte, &count) }
          }
          for position in word {
            let byte = bytes[position]
            let isSpace = byte == 0x20
            if isSpace || byte == lead, isSpace || begins(at: position, in: bytes) {
              if cuts, count > start {
                cutWords.append(start..<count)
                start = count
              }
              if isSpace {
                for byte in mark { target.append(byte, &count) }
                continue
              }
            }
            target.append(byte, &count)
          }
          if count > start { cutWords.append(start..<count) }
        }
      }
    }
    words.replace(with: written, cutInto: cutWords)
  }

  private func append(
    _ word: Range<Int>, of text: NormalizedText, to changed: inout NormalizedText
  ) {
    text.bytes.withUnsafeBufferPointer { bytes in
      var position = word.lowerBound
      if bytes[position] != 0x20, !begins(at: position, in: bytes), takesPrefix(word, of: text) {
        changed.append(replacement.value, likeScalarAt: position, of: text)
      }
      var kept = position
      while position < word.upperBound {
        if bytes[position] == 0x20 {
          changed.append(text, kept..<position)
          changed.append(replacement.value, likeScalarAt: position, of: text)
          kept = position + 1
        }
        position += 1
      }
      changed.append(text, kept..<position)
    }
  }

  private func takesPrefix(_ word: Range<Int>, of text: NormalizedText) -> Bool {
    switch prefix {
    case .always: true
    case .never: false
    case .first: text.source(at: word.lowerBound) == 0
    }
  }

  /// Whether the mark stands at the position.
  @inline(__always)
  private func begins(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    // No byte inside a scalar begins another, so the position may be anywhere in valid text.
    bytes[position] == lead
      && UTF8Scalars.scalar(in: bytes, at: position).value == replacement.value
  }
}

extension UnsafeMutableBufferPointer<UInt8> {
  @inline(__always)
  fileprivate func append(_ byte: UInt8, _ count: inout Int) {
    initializeElement(at: count, to: byte)
    count += 1
  }
}
