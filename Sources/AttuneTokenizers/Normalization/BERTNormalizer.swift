// SPDX-License-Identifier: Apache-2.0

/// The normalisation of BERT: cleaning, words of single ideographs, accents off, lowercase.
public struct BERTNormalizer: Sendable, Equatable {
  /// Whether controls go and white space becomes the space.
  public var cleansText: Bool
  /// Whether spaces are put around each Chinese character.
  public var separatesIdeographs: Bool
  /// Whether accents go; nil means: when lowercasing.
  public var stripsAccents: Bool?
  /// Whether letters become lowercase, each scalar on its own.
  public var lowercases: Bool

  /// Makes a normalizer with the settings of BERT.
  public init(
    cleansText: Bool = true, separatesIdeographs: Bool = true, stripsAccents: Bool? = nil,
    lowercases: Bool = true
  ) {
    self.cleansText = cleansText
    self.separatesIdeographs = separatesIdeographs
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
  }

  func normalize(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into normalized: inout NormalizedText
  ) {
    normalized.removeAll()
    normalized.reserveCapacity(range.count + 16)
    var position = range.lowerBound
    while position < range.upperBound {
      if source[position] < 0x80 {
        position = appendASCII(source, position..<range.upperBound, to: &normalized)
      } else {
        position = appendGroup(source, position..<range.upperBound, to: &normalized)
      }
    }
  }

  /// Appends the ASCII at the start of the range and returns where it ends.
  private func appendASCII(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to normalized: inout NormalizedText
  ) -> Int {
    var position = range.lowerBound
    normalized.beginVerbatim(at: position)
    let raw = UnsafeRawBufferPointer(source)
    while position < range.upperBound {
      if position + 8 <= range.upperBound {
        let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
        if ASCIIWord.isPrintable(word) {
          normalized.appendVerbatim(word: lowercases ? ASCIIWord.lowercased(word) : word)
          position += 8
          continue
        }
      }
      let byte = source[position]
      guard byte < 0x80 else { break }
      position += 1
      if cleansText, byte < 0x20 || byte == 0x7F {
        if byte == 0x09 || byte == 0x0A || byte == 0x0D {
          normalized.appendVerbatim(byte: 0x20)
        } else {
          normalized.beginVerbatim(at: position)
        }
      } else {
        let isUpper = lowercases && byte >= 0x41 && byte <= 0x5A
        normalized.appendVerbatim(byte: isUpper ? byte | 0x20 : byte)
      }
    }
    return position
  }

  /// Appends the scalars other than ASCII at the start of the range and returns where they end.
  private func appendGroup(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to normalized: inout NormalizedText
  ) -> Int {
    let data = UnicodeData.shared
    let decomposes = stripsAccents ?? lowercases
    if let end = appendLone(source, range, decomposes: decomposes, data, to: &normalized) {
      return end
    }
    var order = CanonicalOrder()
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, length) = UTF8Scalars.scalar(in: source, at: position)
      let traits = data.traits(of: scalar)
      let isRemoved = cleansText && traits.contains(.removed)
      // A control that goes does not part the marks around it.
      guard scalar >= 0x80 || isRemoved else { break }
      let item = CanonicalOrder.Item(scalar: scalar, source: position, length: length)
      position += length
      guard !isRemoved else { continue }
      if decomposes, !traits.isDisjoint(with: [.decomposes, .combining, .nonspacingMark]),
        !(separatesIdeographs && traits.contains(.ideograph))
      {
        order.append(item, data: data) { appendStripped($0, data, to: &normalized) }
        continue
      }
      order.flush { appendStripped($0, data, to: &normalized) }
      if cleansText, traits.contains(.whitespace) {
        append(item, 0x20, to: &normalized)
      } else if separatesIdeographs, traits.contains(.ideograph) {
        append(item, 0x20, to: &normalized)
        if decomposes {
          order.append(item, data: data) { appendStripped($0, data, to: &normalized) }
          order.flush { appendStripped($0, data, to: &normalized) }
        } else {
          appendLowercased(item, traits, data, to: &normalized)
        }
        append(item, 0x20, to: &normalized)
      } else {
        appendLowercased(item, traits, data, to: &normalized)
      }
    }
    order.flush { appendStripped($0, data, to: &normalized) }
    return position
  }

  /// Appends a scalar that stands between ASCII, as most accented letters do, and returns where it ends; nil where another one
  /// follows, with which it may change places.
  private func appendLone(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, decomposes: Bool,
    _ data: UnicodeData,
    to normalized: inout NormalizedText
  ) -> Int? {
    let (scalar, length) = UTF8Scalars.scalar(in: source, at: range.lowerBound)
    let end = range.lowerBound + length
    // What follows must not be removed, either: a control that goes does not part the marks around it.
    guard end == range.upperBound || source[end] &- 0x20 < 0x5F else { return nil }
    let traits = data.traits(of: scalar)
    guard traits.isDisjoint(with: [.removed, .whitespace, .ideograph]) else { return nil }
    var item = CanonicalOrder.Item(scalar: scalar, source: range.lowerBound, length: length)
    guard decomposes else {
      appendLowercased(item, traits, data, to: &normalized)
      return end
    }
    // The parts of one scalar are in order.
    data.forEachPart(of: scalar) { part in
      item.scalar = part
      appendStripped(item, data, to: &normalized)
    }
    return end
  }

  @inline(__always)
  private func append(
    _ item: CanonicalOrder.Item, _ scalar: UInt32, to normalized: inout NormalizedText
  ) {
    normalized.append(scalar, source: item.source, scalarLength: item.length)
  }

  private func appendStripped(
    _ item: CanonicalOrder.Item, _ data: UnicodeData, to normalized: inout NormalizedText
  ) {
    let traits = data.traits(of: item.scalar)
    guard !traits.contains(.nonspacingMark) else { return }
    appendLowercased(item, traits, data, to: &normalized)
  }

  private func appendLowercased(
    _ item: CanonicalOrder.Item, _ traits: ScalarTraits, _ data: UnicodeData,
    to normalized: inout NormalizedText
  ) {
    guard lowercases, traits.contains(.hasLowercase) else {
      return append(item, item.scalar, to: &normalized)
    }
    data.forEachLowercase(of: item.scalar) { append(item, $0, to: &normalized) }
  }
}

/// Eight bytes at a time.
private enum ASCIIWord {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  /// Whether all eight bytes lie in 0x20...0x7E.
  @inline(__always)
  static func isPrintable(_ word: UInt64) -> Bool {
    let below = (word &- 0x20 &* ones) & ~word
    let delete = word &+ ones
    return (word | below | delete) & highs == 0
  }

  /// Returns the word with `A` to `Z` in lowercase; all bytes are ASCII.
  @inline(__always)
  static func lowercased(_ word: UInt64) -> UInt64 {
    let atLeastA = word &+ (0x80 - 0x41) &* ones
    let aboveZ = word &+ (0x7F - 0x5A) &* ones
    return word | (atLeastA & ~aboveZ & highs) >> 2
  }
}
