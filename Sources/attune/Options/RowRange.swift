// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Neighbouring rows, counted from 0: `7`, `0-9`, or `100-` to the end.
struct RowRange: ExpressibleByArgument, Equatable {
  let first: Int
  /// The last row; nil: the last of all.
  let last: Int?

  /// Reads a number, or two with a hyphen between.
  init?(argument: String) {
    let parts = argument.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    func number(_ text: Substring) -> Int? {
      text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
    guard let first = number(parts[0]) else { return nil }
    self.first = first
    if parts.count == 1 {
      last = first
    } else if parts[1].isEmpty {
      last = nil
    } else {
      guard let last = number(parts[1]), last >= first else { return nil }
      self.last = last
    }
  }

  /// The rows of that many.
  ///
  /// - Throws: `ValidationError` for rows that are not there.
  func rows(of count: Int) throws -> Range<Int> {
    let last = last ?? count - 1
    guard first < count, last < count else {
      throw ValidationError(
        "--rows asks for row \(max(first, last)), but there are the rows 0 to \(count - 1).")
    }
    return first..<last + 1
  }
}
