// SPDX-License-Identifier: Apache-2.0

public import AttuneTokenizers

/// What every tokenizer promises, whatever its model.
public enum TokenizerContract {
  /// Texts that are hard for one tokenizer or another.
  public static let hardTexts = [
    "", " ", "A wonderful, moving film.", "it 's n't do not won't", "naïve café — “quoted”…",
    "e\u{301} e\u{323}\u{301} \u{301}", "👩‍👩‍👧 🇫🇷 👍🏽", "日本語 한국어 العربية हिन्दी", "a\0b\u{FEFF}c\r\nd",
    "İstanbul Σίσυφος ﬁne ß", "x y\u{202F}z", "[MASK] [CLS] [SEP]", "##s", "\u{10FFFF}\u{E0001}",
    String(repeating: "long", count: 50), "1,234.56 $5 100% http://a.b/c?d=e&f=g",
  ]

  /// Returns what the tokenizer does not keep, in words; nothing if all is well.
  public static func violations(
    of tokenizer: Tokenizer, on texts: [String] = hardTexts
  ) throws -> [String] {
    var found = vocabularyViolations(of: tokenizer)
    for (index, text) in texts.enumerated() {
      let pair = texts[(index + 1) % texts.count]
      found += shapeViolations(of: tokenizer.encode(text), tokenizer, text, nil)
      found += shapeViolations(of: tokenizer.encode(text, pair: pair), tokenizer, text, pair)
      found += truncationViolations(of: tokenizer, text, pair)
      found += repetitionViolations(of: tokenizer, text)
    }
    let folder = try TemporaryFolder()
    try tokenizer.save(to: folder.path)
    if try Tokenizer(contentsOf: folder.path) != tokenizer {
      found.append("saved and loaded: differs")
    }
    return found
  }

  private static func vocabularyViolations(of tokenizer: Tokenizer) -> [String] {
    (0..<Int32(tokenizer.vocabularySize)).compactMap { id in
      guard let token = tokenizer.token(of: id) else { return "\(id) has no token" }
      return tokenizer.id(of: token) == id ? nil : "\(id) is '\(token)', which has another id"
    }
  }

  private static func shapeViolations(
    of encoding: Encoding, _ tokenizer: Tokenizer, _ text: String, _ pair: String?
  ) -> [String] {
    let count = encoding.ids.count
    guard encoding.segments.count == count, encoding.offsets.count == count,
      encoding.isSpecial.count == count
    else { return ["'\(text)': ids, segments, offsets and flags differ in count"] }
    var found: [String] = []
    if tokenizer.encodeIDs(text, pair: pair) != encoding.ids {
      found.append("'\(text)': other ids")
    }
    let ids = 0..<Int32(tokenizer.vocabularySize)
    if !encoding.ids.allSatisfy(ids.contains) { found.append("'\(text)': id out of range") }
    // Where white space is taken from the places, a token of nothing else has none.
    let mayBeEmpty = tokenizer.trimsOffsets
    for (isSpecial, offsets) in zip(encoding.isSpecial, encoding.offsets)
    where isSpecial != offsets.isEmpty && (isSpecial || !mayBeEmpty) {
      found.append("'\(text)': \(offsets) for \(isSpecial ? "a special token" : "text")")
    }
    // Without a pair every token of text belongs to the one text.
    if pair == nil { found += coverageViolations(of: encoding, text) }
    return found
  }

  /// Tokens follow one another, cut no scalar, and leave out no visible ASCII character.
  private static func coverageViolations(of encoding: Encoding, _ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var covered = [Bool](repeating: false, count: bytes.count)
    var found: [String] = []
    var last = 0
    for offsets in encoding.offsets where !offsets.isEmpty {
      guard offsets.lowerBound >= last, offsets.upperBound <= bytes.count else {
        found.append("'\(text)': \(offsets) after \(last)")
        continue
      }
      last = offsets.lowerBound
      for end in [offsets.lowerBound, offsets.upperBound]
      where end < bytes.count && bytes[end] & 0xC0 == 0x80 {
        found.append("'\(text)': \(offsets) cuts a scalar")
      }
      for place in offsets { covered[place] = true }
    }
    for (place, byte) in bytes.enumerated() where 0x21..<0x7F ~= byte && !covered[place] {
      found.append("'\(text)': byte \(place) belongs to no token")
    }
    return found
  }

  private static func truncationViolations(
    of tokenizer: Tokenizer, _ text: String, _ pair: String
  ) -> [String] {
    var found: [String] = []
    for second in [nil, pair] {
      let whole = tokenizer.encode(text, pair: second)
      for limit in [0, 3, 4, 7, 1000] {
        let cut = tokenizer.encode(text, pair: second, maximumLength: limit)
        let special = tokenizer.specialTokenCount(forPair: second != nil)
        if cut.ids.count != min(whole.ids.count, max(limit, special))
          || cut.truncatedCount != whole.ids.count - cut.ids.count
        {
          found.append("'\(text)': \(cut.ids.count) ids, \(limit) allowed")
        }
      }
    }
    return found
  }

  /// What decoding gives is encoded the same again, unless tokens were unknown or special.
  private static func repetitionViolations(of tokenizer: Tokenizer, _ text: String) -> [String] {
    let encoding = tokenizer.encode(text)
    let special = Set(tokenizer.addedTokens.map(\.id))
    let ids = zip(encoding.ids, encoding.isSpecial).filter { !$0.1 }.map(\.0)
    guard special.isDisjoint(with: ids) else { return [] }
    let again = tokenizer.encodeIDs(tokenizer.decode(encoding.ids))
    return again == encoding.ids ? [] : ["'\(text)': decoded text has other ids"]
  }
}

extension Tokenizer {
  fileprivate var trimsOffsets: Bool {
    func trims(_ processor: PostProcessor) -> Bool {
      switch processor {
      case .template: false
      case .roberta(let roberta): roberta.trimming.isOn
      case .byteLevel(let trimming): trimming.isOn
      case .sequence(let parts): parts.contains(where: trims)
      }
    }
    return postProcessor.map(trims) ?? false
  }
}
