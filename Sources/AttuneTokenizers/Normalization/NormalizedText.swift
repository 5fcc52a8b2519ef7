// SPDX-License-Identifier: Apache-2.0

/// Text after normalisation, with the way back to the bytes it came from.
struct NormalizedText {
  /// Normalised bytes from `start` up to the start of the next run.
  struct Run {
    let start: Int
    /// The source of the first byte.
    let source: Int
    /// The bytes of the one source scalar that all of this came from, or zero: byte for byte.
    let scalarLength: Int
  }

  /// Valid UTF-8.
  private(set) var bytes: [UInt8] = []
  private(set) var runs: [Run] = []
  let tracksSources: Bool

  init(tracksSources: Bool) { self.tracksSources = tracksSources }

  /// Makes a text whose sources nobody asks for.
  init(untracked bytes: [UInt8]) { (self.bytes, tracksSources) = (bytes, false) }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
  }

  mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

  /// Begins bytes that are appended one for one from the source at `source`.
  @inline(__always)
  mutating func beginVerbatim(at source: Int) {
    if tracksSources { runs.append(Run(start: bytes.count, source: source, scalarLength: 0)) }
  }

  @inline(__always)
  mutating func appendVerbatim(byte: UInt8) { bytes.append(byte) }

  /// Appends the eight bytes of a word as they lie in memory.
  @inline(__always)
  mutating func appendVerbatim(word: UInt64) {
    withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
  }

  mutating func appendVerbatim(_ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    // Offsets inside a scalar are never asked for, so its bytes may map one for one.
    beginVerbatim(at: range.lowerBound)
    bytes.append(contentsOf: source[range])
  }

  /// Appends a scalar that came from the source scalar at `source`, `scalarLength` bytes long.
  @inline(__always)
  mutating func append(_ scalar: UInt32, source: Int, scalarLength: Int) {
    if tracksSources {
      runs.append(Run(start: bytes.count, source: source, scalarLength: scalarLength))
    }
    UTF8Scalars.append(scalar, to: &bytes)
  }

  /// Appends bytes whose sources nobody asks for.
  @inline(__always)
  mutating func append(untracked bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes.append(contentsOf: bytes)
  }

  /// Appends a scalar that came from the `sourceLength` bytes at `source`; neighbours share a run.
  mutating func appendAligned(_ scalar: UInt32, source: Int, sourceLength: Int) {
    let start = bytes.count
    UTF8Scalars.append(scalar, to: &bytes)
    guard tracksSources else { return }
    let isVerbatim = sourceLength == bytes.count - start
    if let last = runs.last {
      let continues =
        last.scalarLength == 0
        ? isVerbatim && last.source + (start - last.start) == source
        : !isVerbatim && last.source == source && last.scalarLength == sourceLength
      if continues { return }
    }
    runs.append(Run(start: start, source: source, scalarLength: isVerbatim ? 0 : sourceLength))
  }

  /// Takes the runs, which lead into the text of a view, on to where that text came from.
  mutating func replaceSources(by view: TextView) {
    guard tracksSources else { return }
    var cursor = Cursor()
    let ends = runs.dropFirst().map(\.start) + [bytes.count]
    var replaced: [Run] = []
    for (run, end) in zip(runs, ends) where run.start < end {
      guard run.scalarLength == 0 else {
        let range = cursor.source(
          of: run.source..<run.source + run.scalarLength, in: view.runs)
        replaced.append(Run(start: run.start, source: range.lowerBound, scalarLength: range.count))
        continue
      }
      var position = run.start
      while position < end {
        let length = UTF8Scalars.length(ofLead: bytes[position])
        let source = run.source + (position - run.start)
        let range = cursor.source(of: source..<source + length, in: view.runs)
        replaced.append(Run(start: position, source: range.lowerBound, scalarLength: range.count))
        position += length
      }
    }
    runs = replaced
  }

  /// Appends a range of another text, with its sources.
  mutating func append(_ other: NormalizedText, _ range: Range<Int>) {
    guard !range.isEmpty else { return }
    if tracksSources {
      let shift = bytes.count - range.lowerBound
      let first = other.indexOfRun(at: range.lowerBound)
      for run in other.runs[first...].prefix(while: { $0.start < range.upperBound }) {
        // The first run may begin before the range.
        let skipped = run.scalarLength == 0 ? max(0, range.lowerBound - run.start) : 0
        runs.append(
          Run(
            start: max(run.start, range.lowerBound) + shift, source: run.source + skipped,
            scalarLength: run.scalarLength))
      }
    }
    bytes.append(contentsOf: other.bytes[range])
  }

  /// Appends a scalar counted to the source of the scalar at a position of another text.
  mutating func append(_ scalar: UInt32, likeScalarAt position: Int, of other: NormalizedText) {
    guard tracksSources else { return UTF8Scalars.append(scalar, to: &bytes) }
    let run = other.runs[other.indexOfRun(at: position)]
    if run.scalarLength > 0 {
      append(scalar, source: run.source, scalarLength: run.scalarLength)
    } else {
      append(
        scalar, source: run.source + position - run.start,
        scalarLength: UTF8Scalars.length(ofLead: other.bytes[position]))
    }
  }

  /// Returns the source of the byte at a position, which is asked for only where sources are known.
  func source(at position: Int) -> Int {
    let run = runs[indexOfRun(at: position)]
    return run.source + (run.scalarLength == 0 ? position - run.start : 0)
  }

  /// Returns the last run that begins at the position or before it.
  private func indexOfRun(at position: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].start <= position { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// A reader of source positions for ranges that come in rising order.
  struct Cursor {
    private var run = 0

    /// Returns the source bytes of a range of normalised bytes.
    mutating func source(of range: Range<Int>, in text: NormalizedText) -> Range<Int> {
      source(of: range, in: text.runs)
    }

    mutating func source(of range: Range<Int>, in runs: [Run]) -> Range<Int> {
      guard !range.isEmpty else { return 0..<0 }
      while run + 1 < runs.count, runs[run + 1].start <= range.lowerBound { run += 1 }
      let first = runs[run]
      let lower = first.source + (first.scalarLength == 0 ? range.lowerBound - first.start : 0)
      // The last run is found by a search of its own: the next range may share this first run.
      var lastRun = run
      while lastRun + 1 < runs.count, runs[lastRun + 1].start < range.upperBound { lastRun += 1 }
      let last = runs[lastRun]
      let upper =
        last.source
        + (last.scalarLength == 0 ? range.upperBound - last.start : last.scalarLength)
      return lower..<max(lower, upper)
    }
  }
}
