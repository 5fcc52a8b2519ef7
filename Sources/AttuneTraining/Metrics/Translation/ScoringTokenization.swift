// SPDX-License-Identifier: Apache-2.0

/// How BLEU cuts segments into words; the results are those of sacreBLEU's tokenizers of the same names (Post 2018).
public enum ScoringTokenization: String, Sendable, Hashable, CaseIterable {
  /// The rules of mteval-v13a: ASCII punctuation is apart, except within numbers.
  case mteval13a = "13a"
  /// Only what white space separates: for text that is tokenized already.
  case none
  /// Every character.
  case character = "char"
  /// The rules of mteval-v14: all Unicode punctuation and symbols are apart, except within numbers.
  case international = "intl"

  /// Returns the words of a segment.
  public func words(of segment: String) -> [String] {
    scalarWords(of: segment).map { String(scalars: $0) }
  }

  /// The words as scalars, because strings are equal when only their normal forms are.
  func scalarWords(of segment: String) -> [[Unicode.Scalar]] {
    let scalars = Array(segment.unicodeScalars)
    return switch self {
    case .none: scalars.splitAtSpace()
    case .character: scalars.filter { !$0.isPythonSpace }.map { [$0] }
    case .mteval13a: Self.mteval13a(segment)
    case .international: Self.international(scalars)
    }
  }

  private static func mteval13a(_ segment: String) -> [[Unicode.Scalar]] {
    var line = Array(segment.unicodeScalars).droppingTrailingSpace()
    for (entity, meaning) in [
      ("<skipped>", ""), ("-\n", ""), ("\n", " "), ("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"),
      ("&gt;", ">"),
    ] {
      line.replace(Array(entity.unicodeScalars), with: Array(meaning.unicodeScalars))
    }
    // The rules look at neighbours, and the ends of the segment count as white space.
    line = [" "] + line + [" "]
    line = line.surroundingWithSpaces { $0.isSeparatedASCII }
    line = line.separatingPairs({ !$0.isASCIIDigit }, { $0.isStopOrComma }, apart: .second)
    line = line.separatingPairs({ $0.isStopOrComma }, { !$0.isASCIIDigit }, apart: .first)
    line = line.separatingPairs({ $0.isASCIIDigit }, { $0 == "-" }, apart: .second)
    return line.splitAtSpace()
  }

  private static func international(_ scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    var line = scalars.droppingTrailingSpace()
    line = line.separatingPairs({ !$0.isNumeral }, { $0.isPunctuation }, apart: .second)
    line = line.separatingPairs({ $0.isPunctuation }, { !$0.isNumeral }, apart: .first)
    line = line.surroundingWithSpaces { $0.isSymbol }
    return line.splitAtSpace()
  }
}

/// Which scalar of a pair is set apart by spaces.
private enum PairSide { case first, second }

extension Array<Unicode.Scalar> {
  func droppingTrailingSpace() -> [Unicode.Scalar] {
    guard let last = lastIndex(where: { !$0.isPythonSpace }) else { return [] }
    return Array(self[...last])
  }

  func splitAtSpace() -> [[Unicode.Scalar]] {
    split(whereSeparator: \.isPythonSpace).map(Array.init)
  }

  fileprivate mutating func replace(_ part: [Unicode.Scalar], with other: [Unicode.Scalar]) {
    guard contains(part[0]) else { return }
    var result: [Unicode.Scalar] = []
    var position = 0
    while position < count {
      if self[position...].starts(with: part) {
        result += other
        position += part.count
      } else {
        result.append(self[position])
        position += 1
      }
    }
    self = result
  }

  fileprivate func surroundingWithSpaces(
    _ isApart: (Unicode.Scalar) -> Bool
  ) -> [Unicode.Scalar] {
    flatMap { isApart($0) ? [" ", $0, " "] : [$0] }
  }

  /// Sets one of two neighbours apart wherever both conditions hold; pairs do not overlap, the leftmost come first.
  fileprivate func separatingPairs(
    _ isFirst: (Unicode.Scalar) -> Bool, _ isSecond: (Unicode.Scalar) -> Bool, apart: PairSide
  ) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(count + 8)
    var position = 0
    while position < count {
      let first = self[position]
      guard position + 1 < count, isSecond(self[position + 1]), isFirst(first) else {
        result.append(first)
        position += 1
        continue
      }
      let second = self[position + 1]
      result += apart == .first ? [" ", first, " ", second] : [first, " ", second, " "]
      position += 2
    }
    return result
  }
}

extension String {
  init(scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    self.init(view)
  }

  /// The string in lower case, a capital sigma at the end of a word as its final form (Unicode, section 3.13).
  func lowercasedForScoring() -> String {
    let scalars = Array(unicodeScalars)
    guard scalars.contains("\u{3A3}") else {
      return scalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
    }
    return scalars.indices.reduce(into: "") { text, index in
      guard scalars[index] == "\u{3A3}" else {
        return text += scalars[index].properties.lowercaseMapping
      }
      let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
      let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
      let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
      text += isFinal ? "\u{3C2}" : "\u{3C3}"
    }
  }
}

extension Unicode.Scalar {
  /// White space as the reference program sees it: with the four information separators.
  var isPythonSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }

  /// ASCII punctuation that may follow a word without belonging to it.
  var isASCIIPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  fileprivate var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
  fileprivate var isStopOrComma: Bool { self == "." || self == "," }

  /// All ASCII punctuation and the space, except the apostrophe, comma, hyphen and full stop.
  fileprivate var isSeparatedASCII: Bool {
    switch value {
    case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  fileprivate var isNumeral: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  fileprivate var isPunctuation: Bool {
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  fileprivate var isSymbol: Bool {
    switch properties.generalCategory {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }
}
