// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// Blockwise attention (Dao et al. 2022, algorithms 1 and 4): one task for each key sequence and head.
struct AttentionKernel {
  let queries: Tensor
  let queryLayout: SequenceLayout
  let keySegments: [[KeySegment]]
  /// Where the elements of the segments lie, so that a block refers to them without counting references.
  private let pages: [[KeyPage]]
  let keySequences: [Int]
  let bias: AttentionBias?
  let settings: AttentionSettings
  let headWidth: Int
  let dimension: Int

  /// Queries of one block of scores. Of small blocks, more of the scores lie inside a window.
  let queryBlock: Int
  /// Keys of one block of scores, at most.
  static let keyBlock = 256
  /// Scores that make a task, and those that cost as much as a head of no tokens.
  private static let scoresPerTask = 1 << 13
  private static let scoresWorthACall = 1 << 8

  init(
    queries: Tensor, queryLayout: SequenceLayout, keySegments: [[KeySegment]], keySequences: [Int],
    bias: AttentionBias?, settings: AttentionSettings
  ) {
    dimension = queries.columnCount
    precondition(
      dimension % settings.headCount == 0,
      "attention: \(dimension) columns cannot be cut into \(settings.headCount) heads")
    precondition(
      queries.rowCount == queryLayout.tokenCount && keySequences.count == queryLayout.count,
      "attention: queries \(queries.shape) do not fit their layout")
    self.queries = queries.detached()
    self.queryLayout = queryLayout
    self.keySegments = keySegments
    pages = keySegments.map { $0.map { KeyPage($0) } }
    self.keySequences = keySequences
    self.bias = bias
    self.settings = settings
    headWidth = dimension / settings.headCount
    queryBlock = if case .window = settings.pattern { 64 } else { 128 }
    requireFit()
  }

  private func requireFit() {
    if case .window(let radius) = settings.pattern {
      precondition(radius >= 0, "attention: a window of radius \(radius)")
    }
    for segment in keySegments.joined() {
      precondition(
        segment.keys.columnCount == dimension && segment.values.columnCount == dimension
          && segment.keys.precision == precision && segment.values.precision == precision,
        "attention: queries \(queries.shape), keys \(segment.keys.shape), values \(segment.values.shape)"
      )
    }
    guard let bias else { return }
    precondition(
      bias.table.rowCount == settings.headCount && bias.table.precision == precision,
      "attention: a bias \(bias.table.shape) for \(settings.headCount) heads")
    for sequence in keySequences.indices where queryLayout.length(of: sequence) > 0 {
      requireBias(bias, for: sequence)
    }
  }

  /// Every distance that the pattern lets a query of the sequence see stands in the table.
  private func requireBias(_ bias: AttentionBias, for sequence: Int) {
    let keys = keyCount(of: sequence)
    let (first, last) = (keys - queryLayout.length(of: sequence), keys - 1)
    guard keys > 0 else { return }
    let (before, after) = window
    let lowest = before < 0 ? -last : max(-last, -before)
    let highest = after < 0 ? last - first : min(last - first, after)
    precondition(
      bias.origin + lowest >= 0 && bias.origin + highest < bias.table.columnCount,
      "attention: distances \(lowest)...\(highest), a bias of \(bias.table.columnCount) with origin \(bias.origin)"
    )
  }

  var precision: Precision { queries.precision }

  var scale: Double {
    settings.scale.map { Double($0) } ?? 1 / Double(max(headWidth, 1)).squareRoot()
  }

  /// A segment of keys that the kernel holds.
  struct KeyPage {
    let keys: UnsafeMutableRawPointer
    let values: UnsafeMutableRawPointer
    let firstRow: Int
    let count: Int

    init(_ segment: KeySegment) {
      (keys, values) = (segment.keys.pointer, segment.values.pointer)
      (firstRow, count) = (segment.firstRow, segment.count)
    }
  }

  /// One block of scores: some queries of a sequence against some of its keys.
  struct Block {
    let head: Int
    /// Rows in the packed queries.
    let queryRows: Range<Int>
    /// Position of the first query in its sequence.
    let firstQuery: Int
    let page: KeyPage
    /// Rows in the page's matrices.
    let keyRows: Range<Int>
    /// Position of the first key in its sequence.
    let firstKey: Int
  }

  func forward() -> (output: Tensor, logSumExp: Tensor) {
    let output = Tensor(uninitialized: queries.shape, precision: precision)
    let heads = settings.headCount
    let logSumExp = Tensor(uninitialized: [heads, max(queries.rowCount, 1)], precision: precision)
    let work = (0..<queryLayout.count).map {
      scoreCount(queries: queryLayout.length(of: $0), keys: keyCount(of: $0))
    }
    forEachHead(work: work) { sequence, head, scratch in
      for block in queryBlocks(of: sequence) {
        attend(block, of: sequence, head: head, scratch, output: output, logSumExp: logSumExp)
      }
    }
    return (output, logSumExp)
  }

  /// Scores that are computed of so many queries and keys, about.
  func scoreCount(queries: Int, keys: Int) -> Int {
    let (before, after) = window
    guard before >= 0, after >= 0 else { return queries * keys }
    return queries * min(keys, before + after + queryBlock)
  }

  /// Calls `body` for each sequence and head; short sequences share a task and its scratch.
  ///
  /// - Parameter work: Scores of each sequence.
  func forEachHead(work: [Int], _ body: (_ sequence: Int, _ head: Int, _ scratch: Scratch) -> Void)
  {
    let heads = settings.headCount
    var starts = [0]
    var sum = 0
    for index in 0..<work.count * heads {
      sum += work[index / heads] + Self.scoresWorthACall
      if sum >= Self.scoresPerTask {
        starts.append(index + 1)
        sum = 0
      }
    }
    if starts.last != work.count * heads { starts.append(work.count * heads) }
    let rows = min(queryBlock, queryLayout.longestLength)
    let keys = min(
      Self.keyBlock, keySegments.reduce(0) { max($0, $1.reduce(0) { max($0, $1.count) }) })
    Parallel.forEach(starts.count - 1) { task in
      let scratch = Scratch(rows: rows, keys: keys, precision: precision)
      for index in starts[task]..<starts[task + 1] {
        body(index / heads, index % heads, scratch)
      }
    }
  }

  /// Rows of one sequence's queries, block by block.
  func queryBlocks(of sequence: Int) -> [Range<Int>] {
    let rows = queryLayout.rows(of: sequence)
    return stride(from: rows.lowerBound, to: rows.upperBound, by: queryBlock).map {
      $0..<min($0 + queryBlock, rows.upperBound)
    }
  }

  func keyCount(of sequence: Int) -> Int {
    pages[keySequences[sequence]].reduce(0) { $0 + $1.count }
  }

  /// Position of a packed query row in its sequence.
  func position(ofQuery row: Int, in sequence: Int) -> Int {
    keyCount(of: sequence) - queryLayout.length(of: sequence) + row - queryLayout.offsets[sequence]
  }

  /// The keys that some query of `rows` sees, in order and in blocks.
  func blocks(queryRows rows: Range<Int>, of sequence: Int, head: Int) -> [Block] {
    let firstQuery = position(ofQuery: rows.lowerBound, in: sequence)
    let (before, after) = window
    let visibleFrom = before < 0 ? 0 : max(0, firstQuery - before)
    let visibleTo = after < 0 ? nil : firstQuery + rows.count + after
    var result: [Block] = []
    var position = 0
    for page in pages[keySequences[sequence]] {
      let end = visibleTo.map { min(page.count, $0 - position) } ?? page.count
      for first in stride(from: max(0, visibleFrom - position), to: end, by: Self.keyBlock) {
        let start = page.firstRow + first
        result.append(
          Block(
            head: head, queryRows: rows, firstQuery: firstQuery, page: page,
            keyRows: start..<start + min(Self.keyBlock, end - first), firstKey: position + first))
      }
      position += page.count
    }
    return result
  }

  /// Positions before and after its own that a query sees; negative: all.
  private var window: (before: Int, after: Int) {
    switch settings.pattern {
    case .full: (-1, -1)
    case .causal: (-1, 0)
    case .window(let radius): (radius, radius)
    }
  }

  /// What the kernels need to know of a block.
  func scoreBlock(_ block: Block) -> attune_score_block {
    let table = bias?.table
    return attune_score_block(
      scale: scale, first_query: Int64(block.firstQuery), first_key: Int64(block.firstKey),
      window_before: Int64(window.before), window_after: Int64(window.after),
      bias: table.map { UnsafeRawPointer($0.pointer(atElement: block.head * $0.columnCount)) },
      bias_origin: Int64(bias?.origin ?? 0),
      dropout_key: settings.dropout?.key.place(UInt64(block.head)).bits ?? 0,
      dropout_row: UInt64(block.queryRows.lowerBound),
      dropout_rate: Double(settings.dropout?.rate ?? 0))
  }

  func pointer(_ matrix: Tensor, row: Int, head: Int) -> UnsafeMutableRawPointer {
    pointer(matrix.pointer, row: row, head: head)
  }

  func pointer(
    _ matrix: UnsafeMutableRawPointer, row: Int, head: Int
  ) -> UnsafeMutableRawPointer {
    matrix + (row * dimension + head * headWidth) * precision.byteCount
  }

  /// scores = queries . keys^T of a block, unscaled.
  func multiplyScores(_ block: Block, into scores: UnsafeMutableRawPointer) {
    BLAS.multiply(
      precision, transposeA: false, transposeB: true, m: block.queryRows.count,
      n: block.keyRows.count, k: headWidth,
      pointer(queries, row: block.queryRows.lowerBound, head: block.head), dimension,
      pointer(block.page.keys, row: block.keyRows.lowerBound, head: block.head), dimension,
      scores, block.keyRows.count)
  }

  private func attend(
    _ rows: Range<Int>, of sequence: Int, head: Int, _ scratch: Scratch, output: Tensor,
    logSumExp: Tensor
  ) {
    let target = pointer(output, row: rows.lowerBound, head: head)
    let found = blocks(queryRows: rows, of: sequence, head: head)
    attune_fill(precision.kernel, scratch.maxima, -.infinity, rows.count)
    attune_fill(precision.kernel, scratch.sums, 0, rows.count)
    for (index, block) in found.enumerated() {
      let keys = block.keyRows.count
      multiplyScores(block, into: scratch.scores)
      var settings = scoreBlock(block)
      attune_attention_softmax(
        precision.kernel, &settings, scratch.scores, keys, scratch.maxima, scratch.sums,
        scratch.corrections, rows.count, keys)
      if index > 0 {
        attune_attention_rescale(
          precision.kernel, target, dimension, scratch.corrections, rows.count, headWidth)
      }
      BLAS.multiply(
        precision, transposeA: false, transposeB: false, m: rows.count, n: headWidth, k: keys,
        scratch.scores, keys,
        pointer(block.page.values, row: block.keyRows.lowerBound, head: head), dimension,
        beta: index > 0 ? 1 : 0, target, dimension)
    }
    if found.isEmpty { clear(target, rows: rows.count) }
    attune_attention_finish(
      precision.kernel, target, dimension, scratch.maxima, scratch.sums,
      logSumExp.pointer(atElement: head * logSumExp.columnCount + rows.lowerBound), rows.count,
      headWidth)
  }

  /// Zeroes `rows` rows of one head.
  func clear(_ target: UnsafeMutableRawPointer, rows: Int) {
    for row in 0..<rows {
      let start = target + row * dimension * precision.byteCount
      start.initializeMemory(as: UInt8.self, repeating: 0, count: headWidth * precision.byteCount)
    }
  }

  /// Working memory of one block of scores.
  final class Scratch {
    private let storage: Storage
    /// [rows, keys]
    let scores: UnsafeMutableRawPointer
    /// [rows, keys]
    let products: UnsafeMutableRawPointer
    /// [rows], each
    let maxima: UnsafeMutableRawPointer
    let sums: UnsafeMutableRawPointer
    let corrections: UnsafeMutableRawPointer
    let delta: UnsafeMutableRawPointer

    init(rows: Int, keys: Int, precision: Precision) {
      storage = Storage(count: 2 * rows * keys + 4 * rows, precision: precision)
      let (matrix, vector) = (rows * keys * precision.byteCount, rows * precision.byteCount)
      scores = storage.pointer
      products = scores + matrix
      maxima = products + matrix
      sums = maxima + vector
      corrections = sums + vector
      delta = corrections + vector
    }
  }
}
