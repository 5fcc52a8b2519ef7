// SPDX-License-Identifier: Apache-2.0

/// Writes what a stage makes of a text and keeps account of where it came from.
///
/// A written scalar either takes the place of the next scalar of the input or stands beside the last
/// one; scalars that go are counted to the one written last. What a stage that tells nothing more
/// writes is thus aligned as the programs do that published vocabularies come from.
struct TextWriter {
  private let view: TextView
  private var output: NormalizedText
  /// The input up to here is accounted for.
  private var position: Int
  private var run = 0
  /// The source of the scalar of the input that was taken last.
  private var taken: (source: Int, length: Int)
  /// Written, but not yet aligned: scalars that go may still be counted to it.
  private var pending: (scalar: UInt32, change: Int)?
  private let tracksSources: Bool

  /// Makes a writer that takes over the storage of `reused`, whose text goes.
  init(_ view: TextView, reusing reused: inout NormalizedText) {
    self.view = view
    tracksSources = reused.tracksSources
    output = NormalizedText(tracksSources: tracksSources)
    position = view.range.lowerBound
    taken = (0, 0)
    swap(&output, &reused)
    output.removeAll()
    output.reserveCapacity(view.range.count + 16)
  }

  /// Hands over what was written.
  mutating func finish(into text: inout NormalizedText) {
    flush()
    swap(&output, &text)
  }

  /// Writes scalars of the input as they are.
  @inline(__always)
  mutating func keep(_ range: Range<Int>) {
    guard tracksSources else {
      return output.append(untracked: UnsafeBufferPointer(rebasing: view.bytes[range]))
    }
    TextView(view.bytes, range, runs: []).forEachScalar { scalar, _ in put(scalar) }
  }

  /// Writes a scalar in place of the next one of the input and of `-change` after it; with a positive
  /// change, beside the last one.
  @inline(__always)
  mutating func put(_ scalar: UInt32, change: Int = 0) {
    guard tracksSources else {
      return output.appendAligned(scalar, source: 0, sourceLength: 0)
    }
    flush()
    pending = (scalar, change)
  }

  /// Writes text in place of scalars of the input: one for one, the rest of the longer beside the last.
  @inline(__always)
  mutating func replace(scalarCount: Int, with text: UnsafeBufferPointer<UInt8>) {
    guard tracksSources else { return output.append(untracked: text) }
    var written = 0
    TextView(text, 0..<text.count, runs: []).forEachScalar { scalar, _ in
      put(scalar, change: written < scalarCount ? 0 : 1)
      written += 1
    }
    if written < scalarCount { pending?.change -= scalarCount - written }
  }

  /// Takes a scalar of the input that goes.
  @inline(__always)
  mutating func drop() {
    guard tracksSources else { return }
    flush()
    take()
  }

  private mutating func flush() {
    guard let (scalar, change) = pending else { return }
    pending = nil
    if change > 0 {
      return output.appendAligned(scalar, source: taken.source, sourceLength: taken.length)
    }
    take()
    output.appendAligned(scalar, source: taken.source, sourceLength: taken.length)
    for _ in 0..<(-change) { take() }
  }

  private mutating func take() {
    guard position < view.range.upperBound else { return }
    let length = UTF8Scalars.length(ofLead: view.bytes[position])
    while run + 1 < view.runs.count, view.runs[run + 1].start <= position { run += 1 }
    let current = view.runs[run]
    taken =
      current.scalarLength == 0
      ? (current.source + position - current.start, length)
      : (current.source, current.scalarLength)
    position += length
  }
}
