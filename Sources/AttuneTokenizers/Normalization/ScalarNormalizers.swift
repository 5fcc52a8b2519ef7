// SPDX-License-Identifier: Apache-2.0

/// Normalisations that look at one scalar at a time.
enum ScalarNormalizers {
  static func lowercase(_ view: TextView, to writer: inout TextWriter) {
    let data = UnicodeData.shared
    forEachExceptional(of: view, to: &writer) {
      $0 >= 0x80 || 0x41...0x5A ~= $0
    } handle: { scalar, range, writer in
      guard scalar >= 0x80 else { return writer.put(scalar | 0x20) }
      guard data.traits(of: scalar).contains(.hasLowercase) else { return writer.keep(range) }
      var change = 0
      data.forEachLowercase(of: scalar) {
        writer.put($0, change: change)
        change = 1
      }
    }
  }

  static func stripAccents(_ view: TextView, to writer: inout TextWriter) {
    let data = NormalFormData.shared
    // No mark lies below U+0300, which begins with 0xCC.
    forEachExceptional(of: view, to: &writer) {
      $0 >= 0xCC
    } handle: { scalar, range, writer in
      if data.isMark(scalar) { writer.drop() } else { writer.keep(range) }
    }
  }

  static func nmt(_ view: TextView, to writer: inout TextWriter) {
    forEachExceptional(of: view, to: &writer) {
      $0 < 0x20 && $0 > 0 || $0 == 0x7F || $0 >= 0xC2
    } handle: { scalar, range, writer in
      switch scalar {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: writer.drop()
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        writer.put(0x20)
      default: writer.keep(range)
      }
    }
  }

  static func strip(_ view: TextView, left: Bool, right: Bool, to writer: inout TextWriter) {
    func isSpace(_ position: Int) -> Bool {
      let scalar = UTF8Scalars.scalar(in: view.bytes, at: position).value
      return UnicodeData.shared.traits(of: scalar).contains(.whitespace)
    }
    var start = view.range.lowerBound
    while left, start < view.range.upperBound, isSpace(start) {
      writer.drop()
      start += UTF8Scalars.length(ofLead: view.bytes[start])
    }
    var end = view.range.upperBound
    while right, end > start {
      var last = end - 1
      while view.bytes[last] & 0xC0 == 0x80 { last -= 1 }
      guard isSpace(last) else { break }
      end = last
    }
    writer.keep(start..<end)
  }

  static func prepend(_ text: String, _ view: TextView, to writer: inout TextWriter) {
    guard !view.range.isEmpty, !text.utf8.isEmpty else { return writer.keep(view.range) }
    // What is put before the text stands in place of its first scalar, which comes to stand beside.
    let (first, length) = UTF8Scalars.scalar(in: view.bytes, at: view.range.lowerBound)
    for (index, scalar) in text.unicodeScalars.enumerated() {
      writer.put(scalar.value, change: index == 0 ? 0 : 1)
    }
    writer.put(first, change: 1)
    writer.keep(view.range.lowerBound + length..<view.range.upperBound)
  }

  static func byteLevel(_ view: TextView, to writer: inout TextWriter) {
    view.forEachScalar { _, range in
      for position in range {
        // The first byte stands for the character, the others beside it.
        writer.put(
          ByteAlphabet.scalars[Int(view.bytes[position])],
          change: position == range.lowerBound ? 0 : 1)
      }
    }
  }

  /// Keeps what begins with ordinary bytes, and calls `handle` with each scalar that does not.
  @inline(__always)
  private static func forEachExceptional(
    of view: TextView, to writer: inout TextWriter, _ isExceptional: (UInt8) -> Bool,
    handle: (UInt32, Range<Int>, inout TextWriter) -> Void
  ) {
    var position = view.range.lowerBound
    while position < view.range.upperBound {
      let start = position
      while position < view.range.upperBound, !isExceptional(view.bytes[position]) { position += 1 }
      if position > start { writer.keep(start..<position) }
      guard position < view.range.upperBound else { return }
      let (scalar, length) = UTF8Scalars.scalar(in: view.bytes, at: position)
      handle(scalar, position..<position + length, &writer)
      position += length
    }
  }
}
