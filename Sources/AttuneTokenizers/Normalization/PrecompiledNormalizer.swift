// SPDX-License-Identifier: Apache-2.0

/// The normalisation that a SentencePiece model carries within itself.
///
/// A cluster of fewer than six bytes is replaced whole by the rule for its shortest beginning, other
/// clusters scalar by scalar. Where rules are for one scalar and for it with marks, the marks are lost
/// with the shorter rule; published vocabularies were counted and used that way.
public struct PrecompiledNormalizer: Sendable, Equatable {
  /// Longer clusters are replaced scalar by scalar.
  private static let longestCluster = 5

  let charsmap: Charsmap
  /// Whether the longest rule is looked for from every place, as SentencePiece itself does, whatever clusters there are.
  let prefersLongest: Bool
  /// Whether an ASCII byte stays as it is, by itself and as the beginning of anything.
  private let isPlain: [Bool]

  init(_ charsmap: Charsmap, prefersLongest: Bool = false) {
    self.charsmap = charsmap
    self.prefersLongest = prefersLongest
    isPlain = (0..<256).map { value in
      guard value < 0x80, value != 0x0D else { return false }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { text in
        text.initializeElement(at: 0, to: UInt8(value))
        return !charsmap.matches(UnsafeBufferPointer(text))
      }
    }
  }

  func apply(_ view: TextView, to writer: inout TextWriter) {
    guard !prefersLongest else { return applyLongest(view, to: &writer) }
    let (bytes, limit) = (view.bytes, view.range.upperBound)
    var position = view.range.lowerBound
    while position < limit {
      let start = position
      while position < limit, isPlain[Int(bytes[position])] { position += 1 }
      // What extends the last cluster begins with this byte or a higher one.
      if position > start, position < limit, bytes[position] >= 0xCC { position -= 1 }
      if position > start { writer.keep(start..<position) }
      guard position < limit else { return }
      let end = Self.clusterEnd(in: bytes, from: position, to: limit)
      replace(position..<end, in: bytes, writer: &writer)
      position = end
    }
  }

  private func applyLongest(_ view: TextView, to writer: inout TextWriter) {
    let (bytes, limit) = (view.bytes, view.range.upperBound)
    var position = view.range.lowerBound
    var kept = position
    while position < limit {
      let rest = UnsafeBufferPointer(rebasing: bytes[position..<limit])
      let length: Int? = charsmap.withLongestReplacement(of: rest) { length, replacement in
        if kept < position { writer.keep(kept..<position) }
        writer.replace(scalarCount: rest[..<length].count { $0 & 0xC0 != 0x80 }, with: replacement)
        return length
      }
      position += length ?? UTF8Scalars.length(ofLead: bytes[position])
      if length != nil { kept = position }
    }
    if kept < position { writer.keep(kept..<position) }
  }

  @inline(__always)
  private static func clusterEnd(
    in bytes: UnsafeBufferPointer<UInt8>, from position: Int, to limit: Int
  ) -> Int {
    let next = position + UTF8Scalars.length(ofLead: bytes[position])
    // Below U+0300 nothing extends a cluster but LF after CR.
    if bytes[position] < 0xCC, bytes[position] != 0x0D, next == limit || bytes[next] < 0xCC {
      return next
    }
    return ClusterBreaker.end(in: bytes, from: position, to: limit)
  }

  private func replace(
    _ cluster: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, writer: inout TextWriter
  ) {
    if cluster.count <= Self.longestCluster {
      let isReplaced: Void? = charsmap.withReplacement(
        of: UnsafeBufferPointer(rebasing: bytes[cluster])
      ) { replacement in
        let count = bytes[cluster].count { $0 & 0xC0 != 0x80 }
        writer.replace(scalarCount: count, with: replacement)
      }
      if isReplaced != nil { return }
    }
    var position = cluster.lowerBound
    while position < cluster.upperBound {
      let part = position..<position + UTF8Scalars.length(ofLead: bytes[position])
      let isReplaced: Void? = charsmap.withReplacement(
        of: UnsafeBufferPointer(rebasing: bytes[part])
      ) { writer.replace(scalarCount: 1, with: $0) }
      if isReplaced == nil { writer.keep(part) }
      position = part.upperBound
    }
  }
}
