// SPDX-License-Identifier: Apache-2.0

/// Runs of word characters and runs of what is neither word nor space: `\w+|[^\w\s]+`.
enum WhitespacePreTokenizer {
  private enum Kind { case word, space, other }

  static func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var start = range.lowerBound
    var runKind = Kind.space
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
      let kind = kind(of: scalar)
      if kind != runKind {
        if runKind != .space { body(start..<position) }
        (start, runKind) = (position, kind)
      }
      position += length
    }
    if runKind != .space, start < position { body(start..<position) }
  }

  private static func kind(of scalar: UInt32) -> Kind {
    let traits = UnicodeData.shared.traits(of: scalar)
    if traits.contains(.wordPart) { return .word }
    return traits.contains(.whitespace) ? .space : .other
  }
}
