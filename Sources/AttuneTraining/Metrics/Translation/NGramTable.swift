// SPDX-License-Identifier: Apache-2.0

/// Numbers the n-grams of one segment and its references, so that counting compares integers.
///
/// An n-gram is known as the number of its first n - 1 elements and its last element; so every order costs one look-up a place.
struct NGramTable<Element: Hashable> {
  private struct Key: Hashable {
    let beginning: Int32
    let last: Int32
  }

  private var elements: [Element: Int32] = [:]
  private var numbers: [Key: Int32] = [:]

  /// Returns how often each n-gram occurs, one dictionary for each order from 1 on.
  mutating func counts(of sequence: [Element], maximumOrder: Int) -> [[Int32: Int]] {
    let ids = sequence.map { element in
      if let known = elements[element] { return known }
      let number = Int32(elements.count)
      elements[element] = number
      return number
    }
    // The empty beginning has a number of its own.
    var beginnings = [Int32](repeating: -1, count: ids.count)
    return (0..<maximumOrder).map { order in
      var counts: [Int32: Int] = [:]
      for start in 0..<max(ids.count - order, 0) {
        let number = number(of: Key(beginning: beginnings[start], last: ids[start + order]))
        beginnings[start] = number
        counts[number, default: 0] += 1
      }
      return counts
    }
  }

  private mutating func number(of key: Key) -> Int32 {
    if let known = numbers[key] { return known }
    let number = Int32(numbers.count)
    numbers[key] = number
    return number
  }
}
