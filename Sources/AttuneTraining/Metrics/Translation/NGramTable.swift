// SPDX-License-Identifier: Apache-2.0

/// Numbers the n-grams of one segment and its references, so that counting compares integers.
///
/// An n-gram is known as the number of its first n - 1 elements and its last element; so every order costs one look-up a place.
struct NGramTable<Element: Hashable> {
  private var elements: [Element: Int32] = [:]
  /// By the number of the beginning and that of the last element.
  private var numbers: [UInt64: Int32] = [:]

  /// How many n-grams have numbers, of all orders.
  var count: Int { numbers.count }

  /// Returns how often each n-gram occurs, one dictionary for each order from 1 on.
  mutating func counts(of sequence: [Element], maximumOrder: Int) -> [[Int32: Int]] {
    numbers(of: sequence, maximumOrder: maximumOrder).map { numbers in
      numbers.reduce(into: [:]) { counts, number in counts[number, default: 0] += 1 }
    }
  }

  /// Returns the number of each n-gram, in the order of their places, for each order from 1 on.
  mutating func numbers(of sequence: [Element], maximumOrder: Int) -> [[Int32]] {
    let ids = sequence.map { element in
      if let known = elements[element] { return known }
      let number = Int32(elements.count)
      elements[element] = number
      return number
    }
    // The empty beginning has a number of its own.
    var beginnings = [Int32](repeating: -1, count: ids.count)
    return (0..<maximumOrder).map { order in
      (0..<max(ids.count - order, 0)).map { start in
        let number = number(of: beginnings[start], ids[start + order])
        beginnings[start] = number
        return number
      }
    }
  }

  private mutating func number(of beginning: Int32, _ last: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: beginning)) << 32 | UInt64(UInt32(bitPattern: last))
    if let known = numbers[key] { return known }
    let number = Int32(numbers.count)
    numbers[key] = number
    return number
  }
}
