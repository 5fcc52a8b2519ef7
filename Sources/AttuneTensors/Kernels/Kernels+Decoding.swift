// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The keys of one query: `count` entries of a list of rows from `first` on, or without a list, rows from `first` on.
struct KeyRun {
  let first: Int
  let count: Int
}

extension Kernels {
  /// Multiply-adds that make a task of attention.
  private static let attentionWorkPerTask = 1 << 17

  /// Attention of single queries; each result depends on its own query and keys alone.
  static func attendOneByOne(
    _ queries: Tensor, keys: Tensor, values: Tensor, slots: [Int32]?, _ runs: [KeyRun],
    headCount: Int
  ) -> Tensor {
    let columns = queries.columnCount
    precondition(
      queries.rowCount == runs.count && keys.columnCount == columns
        && columns.isMultiple(of: headCount) && keys.precision == queries.precision,
      "attention: queries \(queries.shape), keys \(keys.shape), \(headCount) heads")
    let result = Tensor(uninitialized: queries.shape, precision: queries.precision)
    var longest = 0
    var total = 0
    for run in runs {
      longest = max(longest, run.count)
      total += run.count
    }
    let width = columns / headCount
    let scale = 1 / Double(max(width, 1)).squareRoot()
    let room = longest + Int(ATTUNE_WEIGHTS)
    let work = 2 * columns * max(total / max(runs.count, 1), 1)
    let perTask = max(1, attentionWorkPerTask / max(work, 1))
    slots.withUnsafePointerOrNil { slots in
      Parallel.forEach((runs.count + perTask - 1) / perTask) { task in
        let weights = Storage(count: headCount * room, precision: queries.precision)
        for row in task * perTask..<min(runs.count, (task + 1) * perTask) {
          let run = runs[row]
          let first = slots == nil ? run.first * columns : 0
          attune_attend_one(
            queries.precision.kernel, queries.pointer(atElement: row * columns),
            keys.pointer(atElement: first), values.pointer(atElement: first),
            slots.map { $0 + run.first }, run.count, headCount, width, scale, weights.pointer,
            result.pointer(atElement: row * columns))
        }
      }
    }
    return result
  }

  /// Copies all rows of a matrix over those of another one from `first` on.
  static func copyRows(of source: Tensor, to destination: Tensor, from first: Int) {
    precondition(
      source.columnCount == destination.columnCount && source.precision == destination.precision
        && first + source.rowCount <= destination.rowCount,
      "rows of \(source.shape) do not fit into \(destination.shape) from \(first) on")
    destination.pointer(atElement: first * source.columnCount)
      .copyMemory(from: source.pointer, byteCount: source.count * source.precision.byteCount)
  }

  /// The best scores of each row with their places, `wanted` a row; -1 where too few are finite.
  static func bestScores(_ scores: Tensor, wanted: Int) -> (places: [Int32], values: [Double]) {
    let (rows, columns) = (scores.rowCount, scores.columnCount)
    let found = Tensor(uninitialized: [rows, wanted], precision: scores.precision)
    let places = [Int32](unsafeUninitializedCapacity: rows * wanted) { buffer, initialized in
      let base = buffer.baseAddress
      Parallel.forRows(rows, columns: columns) { range in
        for row in range {
          attune_best_scores(
            scores.precision.kernel, scores.pointer(atElement: row * columns), columns, wanted,
            base.map { $0 + row * wanted }, found.pointer(atElement: row * wanted))
        }
      }
      initialized = rows * wanted
    }
    return (places, found.doubles)
  }

  static func element(_ index: Int, of tensor: Tensor) -> Double {
    switch tensor.precision {
    case .float32: Double(tensor.pointer.assumingMemoryBound(to: Float.self)[index])
    case .float64: tensor.pointer.assumingMemoryBound(to: Double.self)[index]
    }
  }

  static func setElement(_ index: Int, of tensor: Tensor, to value: Double) {
    switch tensor.precision {
    case .float32: tensor.pointer.assumingMemoryBound(to: Float.self)[index] = Float(value)
    case .float64: tensor.pointer.assumingMemoryBound(to: Double.self)[index] = value
    }
  }
}

extension Optional<[Int32]> {
  fileprivate func withUnsafePointerOrNil<Result>(
    _ body: (UnsafePointer<Int32>?) -> Result
  ) -> Result {
    guard let self else { return body(nil) }
    return self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
