// SPDX-License-Identifier: Apache-2.0

/// Pieces as a double array: from a unit, a byte leads to the unit at `base ^ byte`, if that one is in
/// use and holds the byte as its label.
///
/// No two units share a base, so the label alone tells whether the way is right.
struct PieceTrie: Sendable {
  /// From the lowest bit: the label in 8, whether the unit is in use, whether the piece that ends here
  /// is what its text is encoded to, the base in 30, and one more than the id of that piece in 24.
  struct Unit {
    fileprivate static let useBit: UInt64 = 1 << 8
    fileprivate static let wholeBit: UInt64 = 1 << 9
    fileprivate static let baseShift: UInt64 = 10
    fileprivate static let idShift: UInt64 = 40

    fileprivate var bits: UInt64

    /// Returns whether this is where the byte leads.
    @inline(__always)
    func isReached(by byte: UInt8) -> Bool { bits & 0x1FF == UInt64(byte) | Self.useBit }

    @inline(__always)
    var base: Int { Int(truncatingIfNeeded: bits >> Self.baseShift & 0x3FFF_FFFF) }

    /// The id of the piece that ends here, or -1.
    @inline(__always)
    var id: Int32 { Int32(truncatingIfNeeded: bits >> Self.idShift) - 1 }

    fileprivate mutating func setID(_ id: Int32) {
      bits = bits & (1 << Self.idShift - 1) | UInt64(id + 1) << Self.idShift
    }

    /// Whether the piece that ends here is what its own text is encoded to.
    @inline(__always)
    var isWhole: Bool { bits & Self.wholeBit != 0 }
  }

  private(set) var units: [Unit]

  /// Makes a trie of the tokens of a vocabulary; of equal ones the last is found.
  init(_ vocabulary: Vocabulary) {
    var builder = PieceTrieBuilder(vocabulary)
    units = builder.build()
  }

  /// Returns the unit that the bytes lead to.
  @inline(__always)
  func unit(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    units.withUnsafeBufferPointer { units in
      var node = 0
      for byte in bytes {
        node = units[node].base ^ Int(byte)
        guard units[node].isReached(by: byte) else { return nil }
      }
      return node
    }
  }

  /// Notes that the text of the piece at the unit is encoded to that piece.
  mutating func markWhole(_ unit: Int) { units[unit].bits |= Unit.wholeBit }
}

/// Places the units of a trie, depth by depth.
private struct PieceTrieBuilder {
  /// A part of the sorted pieces that share their first `depth` bytes.
  private struct Branch {
    let unit: Int
    let pieces: Range<Int>
    let depth: Int
  }

  private static let blockSize = 256
  /// Free places are looked for in this many blocks at the end; older ones are left as they are.
  private static let openBlocks = 16

  private let bytes: [UInt8]
  private let starts: [Int]
  /// Ids in the order of their bytes, equal ones by rising id.
  private let order: [Int32]
  private var units: [PieceTrie.Unit] = []
  private var isTaken: [Bool] = []
  private var isBase: [Bool] = []
  /// Free places of the open blocks, in no order.
  private var free: [Int] = []

  init(_ vocabulary: Vocabulary) {
    var (bytes, starts) = ([UInt8](), [0])
    for id in vocabulary.indices {
      bytes += vocabulary[id]
      starts.append(bytes.count)
    }
    (self.bytes, self.starts) = (bytes, starts)
    order = bytes.withUnsafeBufferPointer { bytes in
      vocabulary.indices.sorted { left, right in
        let (a, b) = (Int(left), Int(right))
        var (i, j) = (starts[a], starts[b])
        while i < starts[a + 1], j < starts[b + 1] {
          if bytes[i] != bytes[j] { return bytes[i] < bytes[j] }
          (i, j) = (i + 1, j + 1)
        }
        let (restLeft, restRight) = (starts[a + 1] - i, starts[b + 1] - j)
        return restLeft == restRight ? left < right : restLeft < restRight
      }
    }
  }

  mutating func build() -> [PieceTrie.Unit] {
    addBlock()
    isTaken[0] = true
    // Zero is the base of units that lead nowhere.
    isBase[0] = true
    var branches = [Branch(unit: 0, pieces: 0..<order.count, depth: 0)]
    while let branch = branches.popLast() { place(branch, &branches) }
    return units
  }

  private mutating func place(_ branch: Branch, _ branches: inout [Branch]) {
    var children: [(label: UInt8, pieces: Range<Int>)] = []
    var index = branch.pieces.lowerBound
    while index < branch.pieces.upperBound {
      guard let label = byte(of: index, at: branch.depth) else {
        // Shorter pieces come first, and of equal ones the last counts.
        units[branch.unit].setID(order[index])
        index += 1
        continue
      }
      let start = index
      while index < branch.pieces.upperBound, byte(of: index, at: branch.depth) == label {
        index += 1
      }
      children.append((label, start..<index))
    }
    guard !children.isEmpty else { return }
    let base = freeBase(for: children.map(\.label))
    isBase[base] = true
    units[branch.unit].bits |= UInt64(base) << PieceTrie.Unit.baseShift
    for (label, pieces) in children {
      let unit = base ^ Int(label)
      isTaken[unit] = true
      units[unit].bits = UInt64(label) | PieceTrie.Unit.useBit
      branches.append(Branch(unit: unit, pieces: pieces, depth: branch.depth + 1))
    }
  }

  private func byte(of index: Int, at depth: Int) -> UInt8? {
    let id = Int(order[index])
    return starts[id] + depth < starts[id + 1] ? bytes[starts[id] + depth] : nil
  }

  private mutating func freeBase(for labels: [UInt8]) -> Int {
    var index = free.count - 1
    while index >= 0 {
      let place = free[index]
      if isTaken[place] {
        free[index] = free[free.count - 1]
        free.removeLast()
      } else if fits(labels, at: place ^ Int(labels[0])) {
        return place ^ Int(labels[0])
      }
      index -= 1
    }
    addBlock()
    var base = units.count - Self.blockSize
    while isBase[base] || !fits(labels, at: base) { base += 1 }
    return base
  }

  private func fits(_ labels: [UInt8], at base: Int) -> Bool {
    !isBase[base] && labels.allSatisfy { !isTaken[base ^ Int($0)] }
  }

  private mutating func addBlock() {
    let start = units.count
    units += repeatElement(PieceTrie.Unit(bits: 0), count: Self.blockSize)
    isTaken += repeatElement(false, count: Self.blockSize)
    isBase += repeatElement(false, count: Self.blockSize)
    let oldest = start - Self.openBlocks * Self.blockSize
    free.removeAll { $0 < oldest }
    free += start..<units.count
  }
}
