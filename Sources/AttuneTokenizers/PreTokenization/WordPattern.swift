// SPDX-License-Identifier: Apache-2.0

/// A regular expression that published tokenizers cut words with, written out by hand.
///
/// A general engine would let a file choose expressions whose time grows beyond all bounds.
public enum WordPattern: Sendable, CaseIterable {
  /// The words of GPT-2 and RoBERTa, each with the space before it.
  case gpt2
  /// The words of CLIP: no spaces, single numbers.
  case clip
  /// The words of GPT-4 and Llama 3, numbers in groups of three.
  case gpt4
  /// The words of Qwen 2, single numbers.
  case qwen2
  /// Runs of white space.
  case spaces

  /// The expressions that mean this pattern; the first is the usual one.
  var expressions: [String] {
    let common = #"[^\s\p{L}\p{N}]+"#
    let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    func words(_ numbers: String) -> String {
      #"\#(contractions)|[^\r\n\p{L}\p{N}]?\p{L}+|\#(numbers)| ?\#(common)[\r\n]*|\s*[\r\n]+"#
        + #"|\s+(?!\S)|\s+"#
    }
    return switch self {
    case .gpt2: [#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?\#(common)|\s+(?!\S)|\s+"#]
    case .clip: [#"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|\#(common)"#]
    case .gpt4:
      [
        words(#"\p{N}{1,3}"#),
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
          + #"|\s*[\r\n]|\s+(?!\S)|\s+"#,
      ]
    case .qwen2: [words(#"\p{N}"#)]
    case .spaces: [#"\s+"#]
    }
  }

  /// Returns the end of the match that begins the range, or nil if there is none.
  @inline(__always)
  func end(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    switch self {
    case .gpt2: return Self.gpt2End(in: bytes, range)
    case .clip: return Self.clipEnd(in: bytes, range)
    case .gpt4: return Self.gpt4End(in: bytes, range, numberLength: 3)
    case .qwen2: return Self.gpt4End(in: bytes, range, numberLength: 1)
    case .spaces:
      let end = CharacterKind.space.end(in: bytes, range)
      return end > range.lowerBound ? end : nil
    }
  }

  @inline(__always)
  static func gpt2End(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
    var start = range.lowerBound
    var (kind, length) = CharacterKind.at(start, in: bytes)
    if bytes[start] == 0x20, start + 1 < range.upperBound {
      let next = CharacterKind.at(start + 1, in: bytes)
      if next.kind != .space {
        start += 1
        (kind, length) = next
      }
    } else if bytes[start] == 0x27, let end = contractionEnd(in: bytes, range, ignoresCase: false) {
      return end
    }
    guard kind == .space else { return kind.end(in: bytes, start + length..<range.upperBound) }
    return spaceEnd(in: bytes, range)
  }

  private static func clipEnd(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    if let end = contractionEnd(in: bytes, range, ignoresCase: false) { return end }
    let (kind, length) = CharacterKind.at(range.lowerBound, in: bytes)
    let next = range.lowerBound + length
    switch kind {
    case .space: return nil
    case .number: return next
    case .letter, .other: return kind.end(in: bytes, next..<range.upperBound)
    }
  }

  private static func gpt4End(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, numberLength: Int
  ) -> Int {
    if let end = contractionEnd(in: bytes, range, ignoresCase: true) { return end }
    let (kind, length) = CharacterKind.at(range.lowerBound, in: bytes)
    let next = range.lowerBound + length
    let rest = next..<range.upperBound
    switch kind {
    case .letter: return CharacterKind.letter.end(in: bytes, rest)
    case .number: return numberEnd(in: bytes, range, atMost: numberLength)
    case .space, .other: break
    }
    let isLineBreak = bytes[range.lowerBound] == 0x0D || bytes[range.lowerBound] == 0x0A
    let following = rest.isEmpty ? nil : CharacterKind.at(next, in: bytes).kind
    if !isLineBreak, following == .letter { return CharacterKind.letter.end(in: bytes, rest) }
    if kind == .other || (bytes[range.lowerBound] == 0x20 && following == .other) {
      let end = CharacterKind.other.end(in: bytes, rest)
      return lineBreakEnd(in: bytes, end..<range.upperBound)
    }
    return brokenSpaceEnd(in: bytes, range)
  }

  /// `'s|'t|'re|'ve|'m|'ll|'d`
  @inline(__always)
  private static func contractionEnd(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, ignoresCase: Bool
  ) -> Int? {
    guard bytes[range.lowerBound] == 0x27, range.count > 1 else { return nil }
    let fold: UInt8 = ignoresCase ? 0x20 : 0
    func letter(_ offset: Int) -> UInt8 {
      let byte = range.count > offset ? bytes[range.lowerBound + offset] : 0
      return byte & 0xC0 == 0x40 ? byte | fold : byte
    }
    switch letter(1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return range.lowerBound + 2
    case UInt8(ascii: "r") where letter(2) == UInt8(ascii: "e"),
      UInt8(ascii: "v") where letter(2) == UInt8(ascii: "e"),
      UInt8(ascii: "l") where letter(2) == UInt8(ascii: "l"):
      return range.lowerBound + 3
    // The long s is an s to those who ignore case.
    case 0xC5 where ignoresCase && letter(2) == 0xBF: return range.lowerBound + 3
    default: return nil
    }
  }

  /// `\s+(?!\S)|\s+`: the last space stays behind for the word after it.
  private static func spaceEnd(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Int {
    let end = CharacterKind.space.end(in: bytes, range)
    guard end < range.upperBound else { return end }
    var last = end - 1
    while bytes[last] & 0xC0 == 0x80 { last -= 1 }
    return last > range.lowerBound ? last : end
  }

  /// `\s*[\r\n]+|\s+(?!\S)|\s+`
  private static func brokenSpaceEnd(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Int {
    let end = CharacterKind.space.end(in: bytes, range)
    let lastBreak = bytes[range.lowerBound..<end].lastIndex { $0 == 0x0D || $0 == 0x0A }
    return lastBreak.map { $0 + 1 } ?? spaceEnd(in: bytes, range)
  }

  private static func lineBreakEnd(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Int {
    bytes[range].firstIndex { $0 != 0x0D && $0 != 0x0A } ?? range.upperBound
  }

  private static func numberEnd(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, atMost count: Int
  ) -> Int {
    var position = range.lowerBound
    for _ in 0..<count where position < range.upperBound {
      let (kind, length) = CharacterKind.at(position, in: bytes)
      guard kind == .number else { break }
      position += length
    }
    return position
  }
}
