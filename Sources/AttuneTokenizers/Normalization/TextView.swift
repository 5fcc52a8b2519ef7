// SPDX-License-Identifier: Apache-2.0

/// A part of a text that a stage reads, with the way back to the source.
struct TextView {
  /// Valid UTF-8.
  let bytes: UnsafeBufferPointer<UInt8>
  /// The part, which begins and ends at scalars.
  let range: Range<Int>
  /// The sources of the bytes; empty when nobody asks for them.
  let runs: [NormalizedText.Run]

  /// Makes a view of source text.
  init(source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, tracksSources: Bool) {
    (bytes, self.range) = (source, range)
    runs = tracksSources ? [NormalizedText.Run(start: 0, source: 0, scalarLength: 0)] : []
  }

  /// Makes a view of text whose runs are known.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, runs: [NormalizedText.Run]
  ) {
    (self.bytes, self.range, self.runs) = (bytes, range, runs)
  }

  /// Calls `body` with each scalar of the part and its bytes.
  @inline(__always)
  func forEachScalar(_ body: (UInt32, Range<Int>) -> Void) {
    var position = range.lowerBound
    while position < range.upperBound {
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
      body(scalar, position..<position + length)
      position += length
    }
  }
}
