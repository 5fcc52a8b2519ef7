// SPDX-License-Identifier: Apache-2.0

/// Counts the stretches of texts that a piece of a translator may cover: letters, digits or other characters side by
/// side within a word, the first of a word with the mark of the space before it.
struct StretchCounter {
  private var stretches = Vocabulary()
  private(set) var counts: [Int] = []
  private(set) var textCount = 0
  private var normalized = NormalizedText(tracksSources: false)
  private let normalizer = Charsmap.plainSpaces.map {
    Normalizer.precompiled(PrecompiledNormalizer($0, prefersLongest: true))
  }

  private static let mark = Array("\u{2581}".utf8)

  private enum Kind {
    case letter, digit, other

    init(_ scalar: UInt32) {
      if 0x30...0x39 ~= scalar {
        self = .digit
      } else if scalar < 0x80 {
        self = 0x41...0x5A ~= scalar || 0x61...0x7A ~= scalar ? .letter : .other
      } else {
        let properties = Unicode.Scalar(scalar)?.properties
        switch properties?.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
          .nonspacingMark, .spacingMark, .enclosingMark:
          self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .digit
        default: self = .other
        }
      }
    }
  }

  mutating func count(_ text: String) {
    textCount += 1
    let bytes = Array((normalizer?.normalize(text) ?? text).utf8)
    bytes.withUnsafeBufferPointer { bytes in
      for word in bytes.split(separator: 0x20) { count(word: word) }
    }
  }

  private mutating func count(word: Slice<UnsafeBufferPointer<UInt8>>) {
    let bytes = UnsafeBufferPointer(rebasing: word)
    var stretch = Self.mark
    var kind: Kind?
    var position = 0
    while position < bytes.count {
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
      let next = Kind(scalar)
      if let kind, kind != next {
        add(stretch)
        stretch.removeAll(keepingCapacity: true)
      }
      kind = next
      stretch.append(contentsOf: bytes[position..<position + length])
      position += length
    }
    add(stretch)
  }

  private mutating func add(_ stretch: [UInt8]) {
    let (id, isNew) = stretch.withUnsafeBufferPointer { stretches.insert($0) }
    if isNew { counts.append(1) } else { counts[Int(id)] += 1 }
  }

  /// What was counted, in an order that does not depend on that of the texts.
  var sorted: StretchCorpus {
    let order = stretches.indices.sorted {
      stretches[$0].lexicographicallyPrecedes(stretches[$1])
    }
    return StretchCorpus(
      stretches: order.map { Array(stretches[$0]) }, counts: order.map { counts[Int($0)] })
  }
}

/// Stretches of texts and how often each was seen.
struct StretchCorpus {
  let stretches: [[UInt8]]
  let counts: [Int]
  private let characterCounts: [[UInt8]: Int]

  init(stretches: [[UInt8]], counts: [Int]) {
    (self.stretches, self.counts) = (stretches, counts)
    var characters: [[UInt8]: Int] = [:]
    for (stretch, count) in zip(stretches, counts) {
      var position = 0
      while position < stretch.count {
        let length = UTF8Scalars.length(ofLead: stretch[position])
        characters[Array(stretch[position..<position + length]), default: 0] += count
        position += length
      }
    }
    characterCounts = characters
  }

  func forEachStretch(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) {
    for (stretch, count) in zip(stretches, counts) {
      stretch.withUnsafeBufferPointer { body($0, count) }
    }
  }

  /// How often a character was seen.
  func count(of character: [UInt8]) -> Int { characterCounts[character] ?? 0 }

  /// The most frequent characters, until they cover the share of all.
  func alphabet(coverage: Double) -> [[UInt8]] {
    let total = characterCounts.values.reduce(0, +)
    let order = characterCounts.sorted {
      $0.value == $1.value ? $0.key.lexicographicallyPrecedes($1.key) : $0.value > $1.value
    }
    var (kept, covered) = ([[UInt8]](), 0)
    for (character, count) in order {
      if Double(covered) >= coverage * Double(total) { break }
      kept.append(character)
      covered += count
    }
    return kept
  }
}
