// SPDX-License-Identifier: Apache-2.0

/// What normalisation and pre-tokenisation ask of a scalar.
struct ScalarTraits: OptionSet {
  let rawValue: UInt16

  static let removed = ScalarTraits(rawValue: 1)
  static let whitespace = ScalarTraits(rawValue: 2)
  static let ideograph = ScalarTraits(rawValue: 4)
  static let punctuation = ScalarTraits(rawValue: 8)
  static let nonspacingMark = ScalarTraits(rawValue: 16)
  static let combining = ScalarTraits(rawValue: 32)
  static let hasLowercase = ScalarTraits(rawValue: 64)
  static let decomposes = ScalarTraits(rawValue: 128)
  static let letter = ScalarTraits(rawValue: 256)
  static let number = ScalarTraits(rawValue: 512)
  static let wordPart = ScalarTraits(rawValue: 1024)
  static let numeral = ScalarTraits(rawValue: 2048)
}

/// The tables of `UnicodeTables`, unpacked once at the first scalar that is not ASCII.
struct UnicodeData {
  static let shared = UnicodeData()

  static let pageBits: UInt32 = 8
  static let scalarCount = 0x11_0000

  /// Where the traits of each block of 256 scalars begin in `traits`.
  private let pages: ImmortalArray<UInt32>
  private let traits: ImmortalArray<UInt16>
  private let combiningClasses: ImmortalArray<ClassRange>
  private let lowercase: ImmortalArray<LowercaseRule>
  /// Decomposing scalars in order; their parts are `parts[partStarts[i]..<partStarts[i + 1]]`.
  private let decomposing: ImmortalArray<UInt32>
  private let partStarts: ImmortalArray<Int>
  private let parts: ImmortalArray<UInt32>

  private struct ClassRange {
    let first: UInt32
    let last: UInt32
    let combiningClass: UInt8
  }

  private struct LowercaseRule {
    let first: UInt32
    let last: UInt32
    let stride: UInt32
    let difference: Int32
  }

  private init() {
    var flat = [UInt16](repeating: 0, count: Self.scalarCount)
    func mark(_ range: ClosedRange<Int>, _ trait: ScalarTraits) {
      for scalar in range { flat[scalar] |= trait.rawValue }
    }
    for (table, trait) in [
      (UnicodeTables.removed, ScalarTraits.removed), (UnicodeTables.whitespace, .whitespace),
      (UnicodeTables.ideographs, .ideograph), (UnicodeTables.punctuation, .punctuation),
      (UnicodeTables.nonspacingMarks, .nonspacingMark), (UnicodeTables.letters, .letter),
      (UnicodeTables.numbers, .number), (UnicodeTables.wordParts, .wordPart),
      (UnicodeTables.numerals, .numeral),
    ] {
      Self.forEachRange(of: table) { range, _ in mark(range, trait) }
    }
    var classes: [ClassRange] = []
    Self.forEachRange(of: UnicodeTables.combiningClasses) { range, row in
      mark(range, .combining)
      classes.append(
        ClassRange(
          first: UInt32(range.lowerBound), last: UInt32(range.upperBound),
          combiningClass: UInt8(row[2])))
    }
    combiningClasses = ImmortalArray(classes)
    let rules = Self.rows(of: UnicodeTables.lowercase).map { row in
      for scalar in stride(from: row[0], through: row[1], by: row[2]) {
        mark(scalar...scalar, .hasLowercase)
      }
      return LowercaseRule(
        first: UInt32(row[0]), last: UInt32(row[1]), stride: UInt32(row[2]),
        difference: Int32(row[3]))
    }
    lowercase = ImmortalArray(rules)
    mark(0x130...0x130, .hasLowercase)
    let mapping = Self.mapping(of: UnicodeTables.decompositions)
    decomposing = ImmortalArray(mapping.keys)
    partStarts = ImmortalArray(mapping.starts)
    parts = ImmortalArray(mapping.values)
    for scalar in mapping.keys { mark(Int(scalar)...Int(scalar), .decomposes) }
    mark(0xAC00...0xD7A3, .decomposes)
    let paged = Self.paged(flat)
    pages = ImmortalArray(paged.pages)
    traits = ImmortalArray(paged.values)
  }

  /// Returns the traits of a scalar.
  @inline(__always)
  func traits(of scalar: UInt32) -> ScalarTraits {
    let page = pages[Int(scalar >> Self.pageBits)]
    return ScalarTraits(rawValue: traits[Int(page + scalar & 0xFF)])
  }

  /// Returns the canonical combining class of a scalar; zero for a starter.
  func combiningClass(of scalar: UInt32) -> UInt8 {
    let index = combiningClasses.firstIndexOfTail { $0.last >= scalar }
    guard index < combiningClasses.count, combiningClasses[index].first <= scalar else { return 0 }
    return combiningClasses[index].combiningClass
  }

  /// Calls `body` with the lowercase of a scalar: one scalar, except that U+0130 gives i and a dot.
  @inline(__always)
  func forEachLowercase(of scalar: UInt32, _ body: (UInt32) -> Void) {
    guard scalar != 0x130 else {
      body(0x69)
      body(0x307)
      return
    }
    let index = lowercase.firstIndexOfTail { $0.last >= scalar }
    guard index < lowercase.count else { return body(scalar) }
    let rule = lowercase[index]
    guard rule.first <= scalar, (scalar - rule.first) % rule.stride == 0 else {
      return body(scalar)
    }
    body(UInt32(truncatingIfNeeded: Int32(bitPattern: scalar) &+ rule.difference))
  }

  /// Calls `body` with each scalar of the full canonical decomposition.
  @inline(__always)
  func forEachPart(of scalar: UInt32, _ body: (UInt32) -> Void) {
    if scalar >= 0xAC00, scalar <= 0xD7A3 {
      // The arithmetic of Hangul syllables, section 3.12 of the Unicode Standard.
      let index = scalar - 0xAC00
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 != 0 { body(0x11A7 + index % 28) }
      return
    }
    let index = decomposing.firstIndexOfTail { $0 >= scalar }
    guard index < decomposing.count, decomposing[index] == scalar else { return body(scalar) }
    for place in partStarts[index]..<partStarts[index + 1] { body(parts[place]) }
  }

  /// Returns the pages of traits, with equal neighbours stored once.
  static func paged<Value: Equatable>(_ flat: [Value]) -> (pages: [UInt32], values: [Value]) {
    var pages: [UInt32] = []
    var traits: [Value] = []
    for start in stride(from: 0, to: scalarCount, by: 1 << pageBits) {
      let page = flat[start..<start + 1 << pageBits]
      if start == 0 || !page.elementsEqual(traits.suffix(1 << pageBits)) { traits += page }
      pages.append(UInt32(traits.count - 1 << pageBits))
    }
    return (pages, traits)
  }

  /// Returns the scalars of a table of (gap, scalars…), and the scalars that follow each.
  static func mapping(of table: StaticString) -> (keys: [UInt32], starts: [Int], values: [UInt32]) {
    var (keys, starts, values, key) = ([UInt32](), [0], [UInt32](), 0)
    for row in rows(of: table) {
      key += row[0]
      keys.append(UInt32(key))
      values += row[1...].map(UInt32.init)
      starts.append(values.count)
    }
    return (keys, starts, values)
  }

  static func forEachRange(
    of table: StaticString, _ body: (ClosedRange<Int>, [Int]) -> Void
  ) {
    var end = 0
    for row in rows(of: table) {
      let first = end + row[0]
      end = first + row[1]
      body(first...end - 1, row)
    }
  }

  /// Returns the rows of a table: hexadecimal numbers between spaces, rows between commas.
  static func rows(of table: StaticString) -> [[Int]] {
    table.withUTF8Buffer { text in
      text.split(separator: UInt8(ascii: ",")).map { row in
        row.split(separator: UInt8(ascii: " ")).map { digits in
          let isNegative = digits.first == UInt8(ascii: "-")
          let value = (isNegative ? digits.dropFirst() : digits).reduce(0) { value, digit in
            16 * value + Int(digit < 0x3A ? digit - 0x30 : digit - 0x57)
          }
          return isNegative ? -value : value
        }
      }
    }
  }
}
