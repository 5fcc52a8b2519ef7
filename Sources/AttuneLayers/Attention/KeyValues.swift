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
/// a cache that grows in place and that rows share. As long as anything depends on a tracked parameter, everything stays
/// packed and recorded.
public struct KeyValues: DecoderState {
  // Not one enumeration: its payload could not be written in place, and every append would copy the cache.
  private var packed: PackedKeyValues?
  private var cache: KeyValueCache?
  public private(set) var rowCount: Int

  /// Nothing seen yet of `rowCount` sequences.
  public init(rowCount: Int) { self.rowCount = rowCount }

  /// Keys seen of each sequence.
  public var lengths: [Int] {
    packed?.layout.lengths ?? cache?.lengths ?? [Int](repeating: 0, count: rowCount)
  }

  /// Remembers the keys and values of the next tokens of each sequence.
  public mutating func append(_ next: PackedKeyValues) {
    precondition(
      next.layout.count == rowCount, "\(next.layout.count) sequences for \(rowCount) rows")
    if packed == nil, cache == nil {
      packed = next
    } else if next.isTracked || packed?.isTracked == true {
      packed = allPacked().appending(next)
      cache = nil
    } else {
      turnIntoCache()
      cache?.append(keys: next.keys, values: next.values, next.layout)
    }
  }

  public mutating func select(rows: [Int]) {
    rowCount = rows.count
    if let present = packed, present.isTracked {
      packed = present.selecting(rows)
    } else {
      turnIntoCache()
      cache?.select(rows)
    }
  }

  public mutating func detach() { packed = packed?.detached() }

  /// Attention of the last tokens of each sequence over everything seen.  [queries, dimension] -> [queries, dimension]
  func attended(
    by queries: Tensor, _ layout: SequenceLayout, bias: AttentionBias?, settings: AttentionSettings
  ) -> Tensor {
    // Attention over the cache is not recorded, and causal.
    if let cache, !queries.isTracked, bias == nil, settings.pattern == .causal {
      return cache.attended(by: queries, layout, headCount: settings.headCount)
    }
    let all = allPacked()
    return .attention(
      queries: queries, layout, keys: all.keys, values: all.values, all.layout, bias: bias,
      settings: settings)
  }

  private func allPacked() -> PackedKeyValues {
    if let packed { return packed }
    guard let all = cache?.packed else { preconditionFailure("attention over keys never appended") }
    return PackedKeyValues(keys: all.keys, values: all.values, layout: all.layout)
  }

  private mutating func turnIntoCache() {
    guard let present = packed else { return }
    packed = nil
    var filled = KeyValueCache(
      sequenceCount: present.layout.count, dimension: present.keys.columnCount,
      precision: present.keys.precision)
    filled.append(keys: present.keys, values: present.values, present.layout)
    cache = filled
  }
}
