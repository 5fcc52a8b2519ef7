// SPDX-License-Identifier: Apache-2.0

/// The count of edits between two words, for the "Did you mean" of error messages.
public enum EditDistance {
  /// Longer words than this are never compared: nobody mistypes them, and the cost is quadratic.
  static let longestWord = 128

  /// Returns how many insertions, deletions, replacements and swaps of neighbours turn one word into
  /// the other (optimal string alignment, on Unicode scalars).
  public static func between(_ first: String, _ second: String) -> Int {
    distance(Array(first.unicodeScalars), Array(second.unicodeScalars))
  }

  /// Returns the candidate closest to `word` without case, or nil if none is close.
  ///
  /// Close means: at most a third of the letters differ (at least one may). The first of equals wins.
  public static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(word.lowercased().unicodeScalars)
    guard wanted.count <= longestWord else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= 4 * longestWord {
      let letters = Array(candidate.lowercased().unicodeScalars)
      let limit = min(max(1, max(wanted.count, letters.count) / 3), (best?.distance ?? .max) - 1)
      guard abs(letters.count - wanted.count) <= limit, letters.count <= longestWord else {
        continue
      }
      let distance = distance(wanted, letters)
      if distance <= limit { best = (candidate, distance) }
      if distance == 0 { break }
    }
    return best?.name
  }

  /// Returns " Did you mean 'name'?" with a leading space, or nothing if no candidate is close.
  public static func suggestion(for word: String, in candidates: some Sequence<String>) -> String {
    nearest(to: word, in: candidates).map { " Did you mean '\($0)'?" } ?? ""
  }

  private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
    guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
    var beforeLast = [Int](repeating: 0, count: second.count + 1)
    var last = Array(0...second.count)
    var current = last
    for row in 1...first.count {
      current[0] = row
      for column in 1...second.count {
        let same = first[row - 1] == second[column - 1]
        var cost = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, first[row - 1] == second[column - 2],
          first[row - 2] == second[column - 1]
        {
          cost = min(cost, beforeLast[column - 2] + 1)
        }
        current[column] = cost
      }
      (beforeLast, last, current) = (last, current, beforeLast)
    }
    return last[second.count]
  }
}
