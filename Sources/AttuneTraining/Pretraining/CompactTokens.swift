// SPDX-License-Identifier: Apache-2.0

/// A long list of token ids, of two bytes each where the vocabulary allows and of four otherwise.
public struct CompactTokens: Sendable {
  private let isNarrow: Bool
  private var narrow: [UInt16] = []
  private var wide: [UInt32] = []

  /// An empty list of ids below `vocabularySize`.
  public init(vocabularySize: Int) { isNarrow = vocabularySize <= 1 << 16 }

  /// Ids in the list.
  public var count: Int { isNarrow ? narrow.count : wide.count }

  /// Appends ids, none of which is negative.
  public mutating func append(_ ids: [Int32]) {
    if isNarrow {
      narrow.append(contentsOf: ids.lazy.map { UInt16($0) })
    } else {
      wide.append(contentsOf: ids.lazy.map { UInt32($0) })
    }
  }

  /// Returns the ids of a range.
  public subscript(range: Range<Int>) -> [Int32] {
    isNarrow ? narrow[range].map { Int32($0) } : wide[range].map { Int32($0) }
  }

  /// Calls `body` with each id.
  public func forEach(_ body: (Int32) -> Void) {
    if isNarrow {
      for id in narrow { body(Int32(id)) }
    } else {
      for id in wide { body(Int32(id)) }
    }
  }
}
