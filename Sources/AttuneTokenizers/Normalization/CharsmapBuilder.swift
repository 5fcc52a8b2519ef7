// SPDX-License-Identifier: Apache-2.0

/// Makes the bytes of a `Charsmap` of rules.
struct CharsmapBuilder {
  private final class Node {
    var next: [UInt8: Node] = [:]
    /// Where the replacement begins.
    var value: UInt32?
  }

  private var units: [UInt32] = [0]
  private var isTaken: [Bool] = [true]
  private var isBase: [Bool] = []

  /// Returns the bytes of the map with the given rules; no key holds NUL.
  static func bytes(of rules: [(key: String, replacement: String)]) -> [UInt8] {
    var texts: [UInt8] = []
    var places = Vocabulary()
    var starts: [UInt32] = []
    let root = Node()
    for (key, replacement) in rules {
      precondition(!key.isEmpty && !key.utf8.contains(0), "a rule for nothing, or for NUL")
      var replacement = replacement
      let (id, isNew) = replacement.withUTF8 { places.insert($0) }
      if isNew {
        starts.append(UInt32(texts.count))
        texts += Array(replacement.utf8) + [0]
      }
      var node = root
      for byte in key.utf8 {
        let following = node.next[byte] ?? Node()
        node.next[byte] = following
        node = following
      }
      node.value = starts[Int(id)]
    }
    var builder = CharsmapBuilder()
    builder.place(root)
    let size = UInt32(4 * builder.units.count)
    return ([size] + builder.units).flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
    } + texts
  }

  /// Places every node: the units of its bytes, and of its value under the label 0, lie at `base ^ label`.
  private mutating func place(_ root: Node) {
    var waiting = [(position: 0, node: root)]
    while let (position, node) = waiting.popLast() {
      let labels = (node.value == nil ? [] : [0]) + node.next.keys.sorted().map { Int($0) }
      guard let base = freeBase(for: labels) else { continue }
      isBase[base] = true
      units[position] |= UInt32(position ^ base) << 10
      if let value = node.value {
        units[position] |= 1 << 8
        units[base] = 1 << 31 | value
        isTaken[base] = true
      }
      for (label, next) in node.next.sorted(by: { $0.key < $1.key }) {
        let child = base ^ Int(label)
        units[child] = UInt32(label)
        isTaken[child] = true
        waiting.append((child, next))
      }
    }
  }

  private mutating func freeBase(for labels: [Int]) -> Int? {
    // Offsets take 21 bits; tables of rules are far smaller. SentencePiece refuses a root whose base is 0.
    for base in 1..<1 << 21 {
      let end = (base | 0xFF) + 1
      while units.count < end {
        // A free unit holds a label that never leads to it.
        units.append(units.isEmpty ? 0 : 0x8000_0000)
        isTaken.append(false)
      }
      while isBase.count < end { isBase.append(false) }
      if !isBase[base], labels.allSatisfy({ !isTaken[base ^ $0] }) { return base }
    }
    return nil
  }
}

extension Charsmap {
  /// What texts to translate are written in: spaces of all kinds become one kind, letters with marks one scalar,
  /// compatible forms of Latin letters, digits and punctuation the usual ones; what has no width goes.
  ///
  /// No key begins another, so programs that look for the shortest rule and those that look for the longest agree.
  static let plainSpaces: Charsmap? = {
    var rules: [(String, String)] = []
    for value: UInt32 in [
      0x9...0xD, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A,
      0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ].joined() {
      rules.append((text(value), " "))
    }
    for value: UInt32 in [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF] {
      rules.append((text(value), ""))
    }
    let form = Normalizer.form(.nfkc)
    let known = Set(rules.map { Array($0.0.utf8) })
    func add(_ key: String) {
      let replacement = form.normalize(key)
      guard !replacement.utf8.elementsEqual(key.utf8), !known.contains(Array(key.utf8)) else {
        return
      }
      rules.append((key, replacement))
    }
    for value: UInt32 in [
      0xA1...0x24F, 0x2010...0x2027, 0x2030...0x205E, 0x2070...0x214F,
      0xFB00...0xFB06, 0xFF01...0xFF5E,
    ].joined() { add(text(value)) }
    for base: UInt32 in [0x41...0x5A, 0x61...0x7A].joined() {
      for mark: UInt32 in 0x300...0x328 {
        let key = text(base) + text(mark)
        if form.normalize(key).unicodeScalars.count == 1 { add(key) }
      }
    }
    return try? Charsmap(CharsmapBuilder.bytes(of: rules))
  }()

  private static func text(_ value: UInt32) -> String {
    Unicode.Scalar(value).map { String(Character($0)) } ?? ""
  }
}
