// SPDX-License-Identifier: Apache-2.0

/// Replaces a text wherever it stands, from left to right.
public struct ReplaceNormalizer: Sendable, Equatable {
  /// The patterns that are known, by how they are written as regular expressions.
  ///
  /// There is no engine for others: a pattern from a file could take exponential time.
  public enum KnownPattern: String, Sendable, CaseIterable {
    /// Two spaces or more.
    case spaces = " {2,}"
    /// White space of any length.
    case whitespace = #"\s+"#
    /// White space of two scalars or more, or one that breaks a line or is a tab.
    case whitespaceOrBreak = #"\s{2,}|[\n\r\t]"#
  }

  /// What is looked for.
  public enum Pattern: Sendable, Equatable {
    /// The text itself, which is not empty.
    case text([UInt8])
    /// One of the known regular expressions.
    case known(KnownPattern)
  }

  /// What is looked for.
  public let pattern: Pattern
  /// What stands there afterwards.
  public let content: String

  /// Makes a replacement of a pattern.
  public init(_ pattern: Pattern, with content: String) {
    (self.pattern, self.content) = (pattern, content)
  }

  /// Returns whether both replace the same by the same, byte for byte.
  public static func == (left: ReplaceNormalizer, right: ReplaceNormalizer) -> Bool {
    left.pattern == right.pattern && left.content.utf8.elementsEqual(right.content.utf8)
  }

  func apply(_ view: TextView, to writer: inout TextWriter) {
    var kept = view.range.lowerBound
    var position = kept
    while position < view.range.upperBound {
      let length = matchLength(in: view.bytes, at: position, to: view.range.upperBound)
      guard length > 0 else {
        position += UTF8Scalars.length(ofLead: view.bytes[position])
        continue
      }
      if kept < position { writer.keep(kept..<position) }
      for byte in view.bytes[position..<position + length] where byte & 0xC0 != 0x80 {
        writer.drop()
      }
      for scalar in content.unicodeScalars { writer.put(scalar.value, change: 1) }
      position += length
      kept = position
    }
    if kept < position { writer.keep(kept..<position) }
  }

  /// Returns how many bytes match at the position; zero if none do.
  @inline(__always)
  private func matchLength(
    in bytes: UnsafeBufferPointer<UInt8>, at position: Int, to limit: Int
  ) -> Int {
    switch pattern {
    case .text(let text):
      guard bytes[position] == text[0], text.count <= limit - position else { return 0 }
      for offset in 1..<text.count where bytes[position + offset] != text[offset] { return 0 }
      return text.count
    case .known(.spaces):
      guard bytes[position] == 0x20 else { return 0 }
      var end = position + 1
      while end < limit, bytes[end] == 0x20 { end += 1 }
      return end - position >= 2 ? end - position : 0
    case .known(let pattern):
      let (length, count) = whitespace(in: bytes, at: position, to: limit)
      if pattern == .whitespace || count != 1 { return length }
      return [0x09, 0x0A, 0x0D].contains(bytes[position]) ? 1 : 0
    }
  }

  @inline(__always)
  private func whitespace(
    in bytes: UnsafeBufferPointer<UInt8>, at position: Int, to limit: Int
  ) -> (length: Int, count: Int) {
    var (end, count) = (position, 0)
    while end < limit {
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: end)
      guard UnicodeData.shared.traits(of: scalar).contains(.whitespace) else { break }
      end += length
      count += 1
    }
    return (end - position, count)
  }
}
