// SPDX-License-Identifier: Apache-2.0

/// Texts by their beginnings: finds the leftmost of them in a text, and there the longest.
struct PatternTree: Sendable {
  /// Node and next byte to the next node, and to one more than the index of the text that ends there.
  private var edges = PairTable()
  private var nodeCount: Int32 = 1
  /// What some text begins with: a byte, and that byte and the next; after a text of one byte any.
  private var beginnings = [Bool](repeating: false, count: 1 << 8 + 1 << 16)
  private var isEmpty = true

  /// Adds a text and returns whether it is new; an empty one never is.
  mutating func insert(_ text: some Collection<UInt8>, _ index: Int32) -> Bool {
    var node: Int32 = 0
    var last: (node: Int32, byte: Int32)?
    for byte in text {
      if let last { node = child(of: last.node, last.byte) }
      last = (node, Int32(byte))
    }
    guard let last else { return false }
    let old = edges[last.node, last.byte]
    guard old == nil || old?.rank == 0 else { return false }
    edges.set(
      last.node, last.byte,
      to: PairTable.Value(rank: UInt32(index) + 1, id: old?.id ?? newNode()))
    let start = Array(text.prefix(2)).map(Int.init)
    for second in start.count > 1 ? start[1]...start[1] : 0...255 {
      beginnings[Self.place(start[0], second)] = true
    }
    beginnings[start[0]] = true
    isEmpty = false
    return true
  }

  /// Returns the place and the index of the first text in the range.
  @inline(__always)
  func firstMatch(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> (place: Range<Int>, index: Int32)? {
    guard !isEmpty else { return nil }
    return beginnings.withUnsafeBufferPointer { beginnings in
      for position in range where beginnings[Int(bytes[position])] {
        if position + 1 < range.upperBound,
          !beginnings[Self.place(Int(bytes[position]), Int(bytes[position + 1]))]
        {
          continue
        }
        if let found = longestMatch(in: bytes, position..<range.upperBound) { return found }
      }
      return nil
    }
  }

  private static func place(_ first: Int, _ second: Int) -> Int { 1 << 8 + first << 8 + second }

  private func longestMatch(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> (place: Range<Int>, index: Int32)? {
    var found: (place: Range<Int>, index: Int32)?
    var node: Int32 = 0
    for position in range {
      guard let edge = edges[node, Int32(bytes[position])] else { break }
      if edge.rank > 0 { found = (range.lowerBound..<position + 1, Int32(edge.rank) - 1) }
      node = edge.id
    }
    return found
  }

  private mutating func child(of node: Int32, _ byte: Int32) -> Int32 {
    if let edge = edges[node, byte] { return edge.id }
    let child = newNode()
    edges.set(node, byte, to: PairTable.Value(rank: 0, id: child))
    return child
  }

  private mutating func newNode() -> Int32 {
    defer { nodeCount += 1 }
    return nodeCount
  }
}
