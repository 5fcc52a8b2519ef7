// SPDX-License-Identifier: Apache-2.0

/// The normal forms of the Unicode Standard (Annex 15).
public enum NormalForm: String, Sendable, CaseIterable {
  /// Composed, canonically.
  case nfc = "NFC"
  /// Decomposed, canonically.
  case nfd = "NFD"
  /// Composed after compatibility decomposition.
  case nfkc = "NFKC"
  /// Decomposed by compatibility.
  case nfkd = "NFKD"

  fileprivate var composes: Bool { self == .nfc || self == .nfkc }
  fileprivate var isCompatible: Bool { self == .nfkc || self == .nfkd }

  func apply(_ view: TextView, to writer: inout TextWriter) {
    let (bytes, limit) = (view.bytes, view.range.upperBound)
    var composer = Composer(self)
    var position = view.range.lowerBound
    while position < limit {
      let start = position
      while position < limit, bytes[position] < 0x80 { position += 1 }
      // The last letter may compose with what comes next.
      if position > start, position < limit { position -= 1 }
      if position > start { writer.keep(start..<position) }
      var isFirst = true
      while position < limit, isFirst || bytes[position] >= 0x80 {
        let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
        composer.append(scalar, to: &writer)
        position += length
        isFirst = false
      }
      composer.flush(to: &writer)
    }
  }
}

/// Decomposes scalars, puts marks in order and composes what can be composed.
private struct Composer {
  /// A scalar with what it does to the count of scalars: none for the first part of a scalar of the
  /// text, one more for each further part, one less for what was composed into it.
  private struct Item {
    var scalar: UInt32
    var change: Int
    var combiningClass: UInt8
  }

  private let form: NormalForm
  /// Parts after the last starter, not yet in order.
  private var pending: [Item] = []
  /// What may still take marks in, and the marks after it that it did not take.
  private var starter: Item?
  private var marks: [Item] = []

  init(_ form: NormalForm) { self.form = form }

  mutating func append(_ scalar: UInt32, to writer: inout TextWriter) {
    var isFirst = true
    func take(_ part: UInt32) {
      let item = Item(
        scalar: part, change: isFirst ? 0 : 1,
        combiningClass: UnicodeData.shared.traits(of: part).contains(.combining)
          ? UnicodeData.shared.combiningClass(of: part) : 0)
      isFirst = false
      if item.combiningClass == 0 { release(to: &writer) }
      pending.append(item)
    }
    if form.isCompatible {
      NormalFormData.shared.forEachCompatiblePart(of: scalar, take)
    } else if UnicodeData.shared.traits(of: scalar).contains(.decomposes) {
      UnicodeData.shared.forEachPart(of: scalar, take)
    } else {
      take(scalar)
    }
  }

  /// Writes all that waits.
  mutating func flush(to writer: inout TextWriter) {
    release(to: &writer)
    writeStarter(to: &writer)
  }

  private mutating func release(to writer: inout TextWriter) {
    guard !pending.isEmpty else { return }
    if pending.count > 2 {
      let isOrdered = (1..<pending.count).allSatisfy {
        pending[$0 - 1].combiningClass <= pending[$0].combiningClass
      }
      if !isOrdered {
        pending = pending.enumerated().sorted {
          ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
        }.map(\.element)
      }
    } else if pending.count == 2, pending[0].combiningClass > pending[1].combiningClass {
      pending.swapAt(0, 1)
    }
    for item in pending {
      if form.composes { compose(item, to: &writer) } else { write(item, to: &writer) }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func compose(_ item: Item, to writer: inout TextWriter) {
    guard var first = starter else {
      guard item.combiningClass == 0 else { return write(item, to: &writer) }
      starter = item
      return
    }
    let isBlocked = marks.last.map { $0.combiningClass >= item.combiningClass } ?? false
    if !isBlocked, let whole = NormalFormData.shared.composite(first.scalar, item.scalar) {
      first.scalar = whole
      first.change += item.change - 1
      starter = first
    } else if item.combiningClass == 0 {
      writeStarter(to: &writer)
      starter = item
    } else {
      marks.append(item)
    }
  }

  private mutating func writeStarter(to writer: inout TextWriter) {
    if let starter { write(starter, to: &writer) }
    starter = nil
    for mark in marks { write(mark, to: &writer) }
    marks.removeAll(keepingCapacity: true)
  }

  private func write(_ item: Item, to writer: inout TextWriter) {
    writer.put(item.scalar, change: item.change)
  }
}
