// SPDX-License-Identifier: Apache-2.0

/// How captions are cut into words before they are scored.
public enum CaptionTokenization: String, Sendable, Hashable, CaseIterable {
  /// In lower case, with punctuation left out, as the Penn Treebank cuts English.
  ///
  /// The usual program for caption scores, pycocoevalcap, calls a tokenizer written in Java for this; on plain captions the
  /// words here are the same, `'s` and `n't` apart, numbers, times and abbreviations whole, and brackets as `-lrb-` and
  /// `-rrb-`, which that program fails to leave out. They differ in smileys, addresses of the web and rare abbreviations, and
  /// characters outside Unicode's first plane are kept.
  case pennTreebank = "ptb"
  /// At white space, for captions that are tokenized.
  case none

  /// Returns the words of a caption.
  public func words(of caption: String) -> [String] {
    switch self {
    case .pennTreebank: PennWords.words(of: caption)
    case .none:
      Array(caption.unicodeScalars).splitAtSpace().map { String(scalars: $0) }
    }
  }
}

/// Cuts a line of English at white space and each piece into words.
private struct PennWords {
  private static let entities: [(String, String)] = [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
  ]
  private static let fractions: [Unicode.Scalar: String] = [
    "¼": " 1/4 ", "½": " 1/2 ", "¾": " 3/4 ", "⅓": " 1/3 ", "⅔": " 2/3 ",
  ]
  private static let brackets: [Unicode.Scalar: String] = [
    "(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-",
  ]
  private static let contractions: [String: [String]] = [
    "cannot": ["can", "not"], "gonna": ["gon", "na"], "wanna": ["wan", "na"],
    "gotta": ["got", "ta"], "gimme": ["gim", "me"], "lemme": ["lem", "me"],
  ]
  /// Words that keep the full stop behind them.
  private static let abbreviations: Set<String> = [
    "mr", "mrs", "ms", "dr", "prof", "gen", "sen", "rep", "gov", "sgt", "capt", "lt", "col", "rev",
    "st", "mt", "ft", "ave", "blvd", "rd", "jr", "sr", "bros", "inc", "co", "corp", "ltd", "dept",
    "etc", "vs", "al", "ph.d", "jan", "feb", "apr", "aug", "sept", "oct", "nov", "dec",
  ]
  private static let clitics: Set<String> = ["s", "m", "d", "re", "ve", "ll"]

  private let piece: [Unicode.Scalar]
  /// The first scalar of the next piece; nil for the last of the line.
  private let following: Unicode.Scalar?
  private var position = 0
  private var found: [String] = []

  static func words(of line: String) -> [String] {
    var text = line
    if text.utf8.contains(UInt8(ascii: "&")) {
      for (entity, meaning) in entities { text.replace(entity, with: meaning) }
    }
    return text.utf8.allSatisfy { $0 < 0x80 } ? words(ofASCII: text) : words(ofUnicode: text)
  }

  /// Most pieces are letters alone, and are words as they stand.
  private static func words(ofASCII text: String) -> [String] {
    let pieces = Array(text.utf8).split { (0x09...0x0D).contains($0) || (0x1C...0x20).contains($0) }
    var words: [String] = []
    for (index, piece) in pieces.enumerated() {
      let letters = piece.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
      let text = String(decoding: letters, as: UTF8.self)
      if letters.allSatisfy({ (0x61...0x7A).contains($0) }),
        !(5...6).contains(letters.count) || contractions[text] == nil
      {
        words.append(text)
      } else {
        let following = index + 1 < pieces.count ? pieces[index + 1].first : nil
        var cutter = PennWords(
          letters.map { Unicode.Scalar($0) }, following: following.map { Unicode.Scalar($0) })
        words += cutter.words()
      }
    }
    return words
  }

  private static func words(ofUnicode text: String) -> [String] {
    let softHyphen: Unicode.Scalar = "\u{AD}"
    let scalars = text.lowercasedForScoring().unicodeScalars.flatMap { scalar in
      if scalar.value < 0x80 { return [scalar] }
      return scalar == softHyphen
        ? [] : fractions[scalar].map { Array($0.unicodeScalars) } ?? [scalar]
    }
    let pieces = scalars.splitAtSpace()
    return pieces.indices.flatMap { index in
      var cutter = PennWords(
        pieces[index], following: index + 1 < pieces.count ? pieces[index + 1].first : nil)
      return cutter.words()
    }
  }

  private init(_ piece: [Unicode.Scalar], following: Unicode.Scalar?) {
    (self.piece, self.following) = (piece, following)
  }

  private mutating func words() -> [String] {
    let text = String(scalars: piece)
    if text.contains("://") || text.hasPrefix("www.") {
      return [
        String(
          scalars: piece.prefix(piece.lastIndex { $0.isWord || $0 == "/" }.map { $0 + 1 } ?? 0))
      ]
    }
    while position < piece.count {
      let scalar = piece[position]
      if scalar.isWord || startsNumber {
        word()
      } else if scalar.isApostrophe {
        apostrophe()
      } else if scalar == "?" || scalar == "!" {
        marks()
      } else {
        if let bracket = Self.brackets[scalar] {
          found.append(bracket)
        } else if !scalar.isLeftOut {
          found.append(scalar == "€" ? "$" : String(scalar))
        }
        position += 1
      }
    }
    return found
  }

  /// Whether a sign, a point or an at sign belongs to what follows.
  private var startsNumber: Bool {
    guard position + 1 < piece.count, position == 0 else { return false }
    let next = piece[1]
    return switch piece[0] {
    case "-", "+", ".": next.isDigit
    case "@": next.isLetter
    default: false
    }
  }

  /// Several question and exclamation marks are a word of their own; a single one is left out.
  private mutating func marks() {
    let end = piece[position...].firstIndex { $0 != "?" && $0 != "!" } ?? piece.count
    if end - position > 1 { found.append(String(scalars: piece[position..<end])) }
    position = end
  }

  private mutating func word() {
    var end = position + 1
    while end < piece.count, belongs(end) { end += 1 }
    let scalars = piece[position..<end]
    let text = String(scalars: scalars)
    position = end
    if text == "n", isNegation(at: end) {
      // The piece was cut before.
      found.append("n't")
      position += 2
    } else if isNegation(at: end) {
      found += [String(scalars: scalars.dropLast()), "n't"]
      position += 2
    } else if let parts = Self.contractions[text] {
      found += parts
    } else if end < piece.count, piece[end] == ".", keepsStop(text, scalars) {
      found.append(text + ".")
      position += 1
    } else {
      found.append(text)
    }
  }

  /// Whether the scalar at a place goes on with the word before it.
  private func belongs(_ place: Int) -> Bool {
    let (previous, scalar) = (piece[place - 1], piece[place])
    if scalar.isWord { return !(scalar.isLetter && isPointedNumber(before: place)) }
    guard place + 1 < piece.count else { return false }
    let next = piece[place + 1]
    switch scalar {
    case ".": return (previous.isLetter && next.isLetter) || (previous.isDigit && next.isDigit)
    case "!", "?": return previous.isLetter && next.isLetter
    case ",", ":": return previous.isDigit && next.isDigit
    case "-", "/", "_", "@": return previous.isWord && next.isWord
    case "&": return previous.isLetter && next.isLetter && place - position <= 2 && isAlone(place)
    case _ where scalar.isApostrophe: return joins(place)
    default: return false
    }
  }

  /// Whether letters after a number such as 3.5 or 10:30 are a word of their own.
  private func isPointedNumber(before place: Int) -> Bool {
    let number = piece[position..<place]
    return number.contains { $0 == "." || $0 == ":" }
      && number.allSatisfy { $0.isDigit || $0 == "." || $0 == ":" }
  }

  /// Whether one letter follows the place.
  private func isAlone(_ place: Int) -> Bool {
    place + 2 == piece.count || !piece[place + 2].isWord
  }

  /// Whether the apostrophe at a place stands inside a word, as in o'clock, l'été and ma'am.
  private func joins(_ place: Int) -> Bool {
    let before = piece[position..<place].reversed().prefix { $0.isWord }
    let after = letters(from: place + 1)
    guard let last = before.first, last.isLetter, after.count > 1 else { return false }
    if Self.clitics.contains(String(scalars: after)) { return false }
    if before.count == 1 { return last != "y" && last != "i" }
    return last.isVowel && piece[place + 1].isVowel
  }

  /// Whether `'t` follows a word that ends in n.
  private func isNegation(at place: Int) -> Bool {
    place < piece.count && piece[place].isApostrophe && piece[place - 1] == "n"
      && letters(from: place + 1) == ["t"]
  }

  private func keepsStop(_ word: String, _ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
    if position + 1 < piece.count, piece[position + 1].isWord { return false }
    if Self.abbreviations.contains(word) { return true }
    if word == "no" { return following?.isDigit == true }
    let initials = scalars.split(separator: ".")
    guard initials.allSatisfy({ $0.count == 1 && $0.first?.isLetter == true }) else { return false }
    return initials.count > 1 || (following != nil && word != "i" && position + 1 == piece.count)
  }

  /// Reads an apostrophe and the letters that belong to it; any other is a quote, which is left out.
  private mutating func apostrophe() {
    let after = letters(from: position + 1)
    let text = String(scalars: after)
    let end = position + 1 + after.count
    if Self.clitics.contains(text) || text == "em" || text == "cause" {
      found.append("'" + text)
    } else if text == "n" {
      let isClosed = end < piece.count && piece[end].isApostrophe
      found.append(isClosed ? "'n'" : "'n")
      position = end + (isClosed ? 1 : 0)
      return
    } else if text == "tis" || text == "twas" {
      found += ["'t", String(text.dropFirst())]
    } else if let decade = decade(from: position + 1) {
      found.append("'" + decade)
      position += 4
      return
    } else {
      position += 1
      return
    }
    position = end
  }

  /// As 90s.
  private func decade(from place: Int) -> String? {
    let digits = piece[min(place, piece.count)...].prefix { $0.isWord }
    guard digits.count == 3, digits.first?.isDigit == true,
      digits.dropFirst().elementsEqual(["0", "s"])
    else { return nil }
    return String(scalars: digits)
  }

  private func letters(from place: Int) -> ArraySlice<Unicode.Scalar> {
    piece[min(place, piece.count)...].prefix { $0.isWord && !$0.isDigit }
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { (0x30...0x39).contains(value) }

  fileprivate var isLetter: Bool {
    if value < 0x80 { return (0x61...0x7A).contains(value) || (0x41...0x5A).contains(value) }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark:
      return true
    default: return false
    }
  }

  fileprivate var isWord: Bool {
    isDigit || isLetter || (value >= 0x80 && properties.generalCategory == .decimalNumber)
  }

  fileprivate var isVowel: Bool { "aeiou".unicodeScalars.contains(self) }

  /// ' and the forms that word processors make of it.
  fileprivate var isApostrophe: Bool { value == 0x27 || value == 0x2019 }

  /// Punctuation that is no word: stops, commas, dashes and quotes.
  fileprivate var isLeftOut: Bool {
    switch self {
    case ".", ",", ":", ";", "-", "\"", "`", "\u{2010}"..."\u{2015}", "\u{2018}"..."\u{201F}",
      "\u{2026}", "«", "»", "\u{2039}", "\u{203A}":
      true
    default: false
    }
  }
}
