// SPDX-License-Identifier: Apache-2.0

/// Cuts texts into the words that are learned from, as encoding does.
struct WordCutter: Sendable {
  var normalizer: Normalizer?
  var preTokenizer: PreTokenizer
  /// Whether letters, digits and other characters are words of their own, as SentencePiece has it; a mark of the space
  /// goes with what follows it.
  var separatesKinds = false
  /// Longer words, in scalars, are left out; nil: they are cut into parts.
  var longestWord: Int?
  /// Bytes of such a part: work on a word grows faster than its length, and text without spaces is one word.
  private static let partLength = 1024

  /// Calls `body` with each word; `normalized` is room to work in.
  @inline(__always)
  func forEachWord(
    of text: UnsafeBufferPointer<UInt8>, _ normalized: inout NormalizedText,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard let normalizer else { return cut(text, body) }
    normalizer.normalize(text, 0..<text.count, into: &normalized)
    normalized.bytes.withUnsafeBufferPointer { cut($0, body) }
  }

  private func cut(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard preTokenizer.rewrites else {
      return preTokenizer.forEachWord(in: text, 0..<text.count) { range in
        take(UnsafeBufferPointer(rebasing: text[range]), body)
      }
    }
    var words = PreTokenizedText(NormalizedText(untracked: Array(text)), 0..<text.count)
    preTokenizer.apply(to: &words)
    words.text.bytes.withUnsafeBufferPointer { bytes in
      for range in words.words { take(UnsafeBufferPointer(rebasing: bytes[range]), body) }
    }
  }

  @inline(__always)
  private func take(
    _ word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    if separatesKinds {
      CharacterKinds.forEachRun(of: word) { takeRun($0, body) }
    } else {
      takeRun(word, body)
    }
  }

  @inline(__always)
  private func takeRun(
    _ word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard word.count > min(longestWord ?? .max, Self.partLength) else { return body(word) }
    if let longestWord {
      if word.count(where: { $0 & 0xC0 != 0x80 }) <= longestWord { body(word) }
      return
    }
    var start = 0
    while start < word.count {
      var end = min(start + Self.partLength, word.count)
      while end < word.count, word[end] & 0xC0 == 0x80 { end -= 1 }
      body(UnsafeBufferPointer(rebasing: word[start..<end]))
      start = end
    }
  }
}

/// Letters, digits, and what is neither.
private enum CharacterKinds {
  case letter, digit, other

  private static let mark: UInt32 = 0x2581

  /// Calls `body` with each run of one kind.
  static func forEachRun(
    of word: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var start = 0
    var kind: CharacterKinds?
    var position = 0
    while position < word.count {
      let (scalar, length) = UTF8Scalars.scalar(in: word, at: position)
      // The mark is of the kind of what follows.
      let next = scalar == mark ? nil : CharacterKinds(scalar)
      if let kind, kind != next {
        body(UnsafeBufferPointer(rebasing: word[start..<position]))
        start = position
      }
      kind = next
      position += length
    }
    if start < word.count { body(UnsafeBufferPointer(rebasing: word[start...])) }
  }

  private init(_ scalar: UInt32) {
    if 0x30...0x39 ~= scalar {
      self = .digit
    } else if scalar < 0x80 {
      self = 0x41...0x5A ~= scalar || 0x61...0x7A ~= scalar ? .letter : .other
    } else {
      switch Unicode.Scalar(scalar)?.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .nonspacingMark, .spacingMark, .enclosingMark:
        self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .digit
      default: self = .other
      }
    }
  }
}
