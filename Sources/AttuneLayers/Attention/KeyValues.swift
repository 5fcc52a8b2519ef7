// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Projected keys and values of several sequences, end to end.
public struct PackedKeyValues: Sendable {
  /// [tokens, dimension]
  public let keys: Tensor
  /// [tokens, dimension]
  public let values: Tensor
  /// Where each sequence begins.
  public let layout: SequenceLayout

  /// Keys and values laid out by `layout`.
  public init(keys: Tensor, values: Tensor, layout: SequenceLayout) {
    precondition(
      keys.rowCount == layout.tokenCount && keys.shape == values.shape,
      "keys \(keys.shape), values \(values.shape) for \(layout.tokenCount) tokens")
    self.keys = keys
    self.values = values
    self.layout = layout
  }

  var isTracked: Bool { keys.isTracked || values.isTracked }

  /// Returns the same numbers without their computation.
  public func detached() -> PackedKeyValues {
    PackedKeyValues(keys: keys.detached(), values: values.detached(), layout: layout)
  }

  func selecting(_ sequences: [Int]) -> PackedKeyValues {
    let rows = sequences.flatMap { layout.rows(of: $0).map { Int32($0) } }
    return PackedKeyValues(
      keys: keys.rows(rows), values: values.rows(rows),
      layout: SequenceLayout(lengths: sequences.map { layout.length(of: $0) }))
  }

  /// Each sequence followed by the same sequence of `other`.
  func appending(_ other: PackedKeyValues) -> PackedKeyValues {
    var rows: [Int32] = []
    for sequence in 0..<layout.count {
      rows += layout.rows(of: sequence).map { Int32($0) }
      rows += other.layout.rows(of: sequence).map { Int32(layout.tokenCount + $0) }
    }
    return PackedKeyValues(
      keys: Tensor.concatenatingRows([keys, other.keys]).rows(rows),
      values: Tensor.concatenatingRows([values, other.values]).rows(rows),
      layout: SequenceLayout(lengths: zip(layout.lengths, other.layout.lengths).map { $0 + $1 }))
  }
}

/// Keys and values that an attention layer has seen of each sequence that is being written.
///
/// What is appended first stays as it is, packed and recorded: teaching appends whole targets once. What follows goes into
/// pages of fixed size, so that a long sequence is never copied; rows share pages, and a shared last page is copied
/// when one of them writes. As long as anything depends on a tracked parameter, everything stays packed and recorded.
public struct KeyValues: DecoderState {
  /// Rows of a page.
  static let pageSize = 32

  // Not one enumeration: its payload could not be written in place, and every append would copy every last page.
  private var packed: PackedKeyValues?
  private var pages: [[KeyValuePage]]

  /// Nothing seen yet of `rowCount` sequences.
  public init(rowCount: Int) { pages = Array(repeating: [], count: rowCount) }

  public var rowCount: Int { packed?.layout.count ?? pages.count }

  /// Keys seen of each sequence.
  public var lengths: [Int] {
    packed?.layout.lengths ?? pages.map { row in row.reduce(0) { $0 + $1.count } }
  }

  /// Remembers the keys and values of the next tokens of each sequence.
  public mutating func append(_ next: PackedKeyValues) {
    precondition(
      next.layout.count == rowCount, "\(next.layout.count) sequences for \(rowCount) rows")
    if packed == nil, pages.allSatisfy(\.isEmpty) {
      packed = next
    } else if next.isTracked || packed?.isTracked == true {
      packed = allPacked().appending(next)
      pages = []
    } else {
      turnIntoPages()
      appendToPages(next)
    }
  }

  public mutating func select(rows: [Int]) {
    if let present = packed, present.isTracked {
      packed = present.selecting(rows)
    } else {
      turnIntoPages()
      pages = rows.map { pages[$0] }
    }
  }

  public mutating func detach() { packed = packed?.detached() }

  /// Attention of the last tokens of each sequence over everything seen.  [queries, dimension] -> [queries, dimension]
  func attended(
    by queries: Tensor, _ layout: SequenceLayout, bias: AttentionBias?, settings: AttentionSettings
  ) -> Tensor {
    // Attention over pages is not recorded.
    guard packed == nil, !queries.isTracked, bias?.table.isTracked != true else {
      let all = allPacked()
      return .attention(
        queries: queries, layout, keys: all.keys, values: all.values, all.layout, bias: bias,
        settings: settings)
    }
    return .attention(queries: queries, layout, pages: pages, bias: bias, settings: settings)
  }

  private func allPacked() -> PackedKeyValues {
    if let packed { return packed }
    let all = pages.flatMap { $0 }
    var rows: [Int32] = []
    for (index, page) in all.enumerated() {
      rows += (0..<page.count).map { Int32(index * Self.pageSize + $0) }
    }
    return PackedKeyValues(
      keys: Tensor.concatenatingRows(all.map(\.keys)).rows(rows),
      values: Tensor.concatenatingRows(all.map(\.values)).rows(rows),
      layout: SequenceLayout(lengths: lengths))
  }

  private mutating func turnIntoPages() {
    guard let present = packed else { return }
    packed = nil
    pages = Array(repeating: [], count: present.layout.count)
    appendToPages(present)
  }

  private mutating func appendToPages(_ next: PackedKeyValues) {
    for row in pages.indices {
      var rest = next.layout.rows(of: row)
      while !rest.isEmpty {
        if pages[row].last.map({ $0.freeCount == 0 }) ?? true {
          pages[row].append(
            KeyValuePage(
              capacity: Self.pageSize, dimension: next.keys.columnCount,
              precision: next.keys.precision))
        }
        let last = pages[row].count - 1
        let part = rest.prefix(pages[row][last].freeCount)
        pages[row][last].append(keys: next.keys, values: next.values, rows: part)
        rest = rest.dropFirst(part.count)
      }
    }
  }
}
