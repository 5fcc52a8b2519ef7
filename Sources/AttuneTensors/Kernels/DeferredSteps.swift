// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels
internal import Synchronization

/// A parameter and its moments, each the only holder of its elements.
struct MomentTables {
  let parameter: Tensor
  let first: Tensor
  let second: Tensor
}

/// Steps of AdamW that rows of a table have yet to make.
///
/// A row without a gradient moves too, by its momentum and by weight decay, but nobody sees it before it is read. Its steps
/// are made then, in one pass over its memory, with the bits they would have had at their time: of a table of words, of
/// which a batch uses a few hundred, this saves most of what a step reads and writes.
final class DeferredSteps: @unchecked Sendable {
  /// Steps that are not made by all rows, the oldest first, and how many of them each row has made.
  private struct State {
    var steps: [attune_adamw_settings] = []
    var made: [UInt8]
  }

  /// Rows one after the other that lag as far behind.
  private struct Run {
    let row: Int
    var count: Int
    let lag: Int
    /// The row of the gradient that belongs to the first.
    let gradientRow: Int
  }

  private let state: Mutex<State>
  private let isBehind = Atomic(false)
  private let precision: Precision
  private let columns: Int
  private let elements:
    (
      parameter: UnsafeMutableRawPointer, first: UnsafeMutableRawPointer,
      second: UnsafeMutableRawPointer
    )

  private init(_ tables: MomentTables) {
    state = Mutex(State(made: Array(repeating: 0, count: tables.parameter.rowCount)))
    precision = tables.parameter.precision
    columns = tables.parameter.columnCount
    elements = (tables.parameter.pointer, tables.first.pointer, tables.second.pointer)
  }

  /// What `tables` have yet to do; nothing when they were not moved together before.
  static func of(_ tables: MomentTables) -> DeferredSteps {
    let storages = [tables.parameter, tables.first, tables.second].map(\.storage)
    if let present = storages[0].deferred, present.columns == tables.parameter.columnCount,
      storages.allSatisfy({ $0.deferred === present })
    {
      return present
    }
    let result = DeferredSteps(tables)
    for storage in storages { storage.deferred = result }
    return result
  }

  /// Makes a step in the rows that the gradient names, and leaves the others for later.
  func step(along rows: [Int32], _ values: Tensor, _ settings: attune_adamw_settings) {
    state.withLock { state in
      state.steps.append(settings)
      isBehind.store(true, ordering: .releasing)
      make(Self.runs(of: rows, in: &state), of: state.steps, along: values)
      // Never more than one call of the kernel makes.
      if state.steps.count == Int(ATTUNE_MOST_STEPS) { settleAll(&state) }
    }
  }

  /// Makes all steps of these rows; those below zero are none.
  func settle(_ rows: [Int32]) {
    guard isBehind.load(ordering: .acquiring) else { return }
    state.withLock { make(Self.runs(of: rows, in: &$0), of: $0.steps) }
  }

  /// Makes all steps of all rows.
  func settle() {
    guard isBehind.load(ordering: .acquiring) else { return }
    state.withLock { settleAll(&$0) }
  }

  private func settleAll(_ state: inout State) {
    guard !state.steps.isEmpty else { return }
    make(Self.runs(of: 0..<Int32(state.made.count), in: &state), of: state.steps)
    state.steps = []
    for row in state.made.indices { state.made[row] = 0 }
    isBehind.store(false, ordering: .releasing)
  }

  /// What the rows have to make, which counts as made.
  private static func runs(of rows: some Sequence<Int32>, in state: inout State) -> [Run] {
    var runs: [Run] = []
    let count = state.steps.count
    for (place, row) in rows.enumerated() where row >= 0 {
      let lag = count - Int(state.made[Int(row)])
      guard lag > 0 else { continue }
      state.made[Int(row)] = UInt8(count)
      if let last = runs.last, last.row + last.count == row, last.lag == lag,
        last.gradientRow + last.count == place, last.count < longestRun
      {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(row: Int(row), count: 1, lag: lag, gradientRow: place))
      }
    }
    return runs
  }

  /// Rows that one thread takes at a time.
  private static let longestRun = 64

  private func make(
    _ runs: [Run], of steps: [attune_adamw_settings], along gradient: Tensor? = nil
  ) {
    steps.withUnsafeBufferPointer { steps in
      guard let end = steps.baseAddress?.advanced(by: steps.count) else { return }
      let stride = columns * precision.byteCount
      Parallel.forEach(runs.count) { index in
        let run = runs[index]
        let offset = run.row * stride
        attune_adamw(
          precision.kernel, end - run.lag, run.lag,
          gradient?.pointer(atElement: run.gradientRow * columns), elements.parameter + offset,
          elements.first + offset, elements.second + offset, run.count * columns)
      }
    }
  }
}
