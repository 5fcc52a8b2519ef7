// SPDX-License-Identifier: Apache-2.0

/// Finds added tokens in a text: the leftmost first, and of those the longest.
struct AddedTokenMatcher: Sendable {
  private let tokens: [AddedToken]
  private let patterns: PatternTree

  /// Makes a matcher of tokens with the texts to look for; of equal texts the first token counts.
  init(_ tokens: [(token: AddedToken, pattern: String)]) {
    var kept: [AddedToken] = []
    var patterns = PatternTree()
    for (token, pattern) in tokens where patterns.insert(pattern.utf8, Int32(kept.count)) {
      kept.append(token)
    }
    (self.tokens, self.patterns) = (kept, patterns)
  }

  /// Calls `body` with each stretch of the range: a token, or what lies between tokens.
  ///
  /// The white space that a token takes may hold further tokens; these are then found as well.
  @inline(__always)
  func forEachStretch(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ body: (Range<Int>, AddedToken?) -> Void
  ) {
    var restStart = range.lowerBound
    var position = range.lowerBound
    while let (place, index) = patterns.firstMatch(in: bytes, position..<range.upperBound) {
      position = place.upperBound
      let token = tokens[Int(index)]
      if token.isSingleWord, touchesWord(place, in: bytes, range) { continue }
      var match = place
      if token.stripsLeft { match = extendedLeft(match, in: bytes, range, to: restStart) }
      if token.stripsRight { match = extendedRight(match, in: bytes, to: range.upperBound) }
      if restStart < match.lowerBound { body(restStart..<match.lowerBound, nil) }
      body(match, token)
      restStart = match.upperBound
    }
    if restStart < range.upperBound { body(restStart..<range.upperBound, nil) }
  }

  private func extendedLeft(
    _ match: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to limit: Int
  ) -> Range<Int> {
    var start = match.lowerBound
    while start > range.lowerBound {
      let previous = startOfScalar(before: start, in: bytes)
      guard traits(at: previous, bytes).contains(.whitespace) else { break }
      start = previous
    }
    return max(start, limit)..<max(match.upperBound, limit)
  }

  private func extendedRight(
    _ match: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to limit: Int
  ) -> Range<Int> {
    var end = match.upperBound
    while end < limit, traits(at: end, bytes).contains(.whitespace) {
      end += UTF8Scalars.length(ofLead: bytes[end])
    }
    return match.lowerBound..<end
  }

  private func touchesWord(
    _ match: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Bool {
    if match.lowerBound > range.lowerBound,
      traits(at: startOfScalar(before: match.lowerBound, in: bytes), bytes).contains(.wordPart)
    {
      return true
    }
    return match.upperBound < range.upperBound
      && traits(at: match.upperBound, bytes).contains(.wordPart)
  }

  private func startOfScalar(before end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end - 1
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  private func traits(at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> ScalarTraits {
    UnicodeData.shared.traits(of: UTF8Scalars.scalar(in: bytes, at: position).value)
  }
}
