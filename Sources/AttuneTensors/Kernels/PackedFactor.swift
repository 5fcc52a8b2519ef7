// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The right factor of a large product, packed once for all threads.
///
/// OpenBLAS packs it anew in each call, and so for each block of rows that a thread takes; our kernels are as fast
/// once the packing is shared. An element's bits depend on its row, its column and k alone, so rows may be dealt by the
/// number of threads.
struct PackedFactor {
  private let storage: Storage
  private let columns: Int
  private let depth: Int

  /// Rows that our kernels copy at a time.
  private static let rowsPerBlock = 112
  /// Bytes of the factor that one task packs, so that small factors are not cut.
  private static let bytesPerTask = 1 << 17

  /// Whether our kernels beat OpenBLAS, which has better ones where vectors are short.
  static func pays(_ precision: Precision, m: Int, n: Int, k: Int) -> Bool {
    precision == .float32 && m >= 48 && m * n * k > 1 << 20
      && attune_current_level() != ATTUNE_LEVEL_BASELINE
  }

  /// b[k][n], or with `isTransposed` b[n][k].
  init(_ b: UnsafeRawPointer, n: Int, k: Int, isTransposed: Bool) {
    (columns, depth) = (n, k)
    storage = Storage(count: attune_packed_size(n, k), precision: .float32)
    let source = b.assumingMemoryBound(to: Float.self)
    let target = storage.pointer.assumingMemoryBound(to: Float.self)
    let panel = Int(ATTUNE_PANEL_COLUMNS)
    let perTask = max(1, Self.bytesPerTask / (panel * k * 4)) * panel
    Parallel.forEach((n + perTask - 1) / perTask) { task in
      let first = task * perTask
      attune_pack_factor(
        isTransposed ? 1 : 0, source + first * (isTransposed ? k : 1), isTransposed ? k : n,
        min(perTask, n - first), k, target + first * k)
    }
  }

  /// c = (accumulating ? c : 0) + op(a) b
  func multiply(
    _ a: UnsafeRawPointer, isTransposed: Bool, rows: Int, accumulating: Bool,
    into c: UnsafeMutableRawPointer, epilogue: ((Range<Int>) -> Void)? = nil
  ) {
    let (left, result) = (
      a.assumingMemoryBound(to: Float.self), c.assumingMemoryBound(to: Float.self)
    )
    let factor = storage.pointer.assumingMemoryBound(to: Float.self)
    let perTask = Self.rowsPerTask(rows)
    Parallel.forEach((rows + perTask - 1) / perTask) { task in
      let block = task * perTask..<min(rows, (task + 1) * perTask)
      attune_blocked_gemm(
        isTransposed ? 1 : 0, block.count, columns, depth,
        left + block.lowerBound * (isTransposed ? 1 : depth), isTransposed ? rows : depth, factor,
        accumulating ? 1 : 0, result + block.lowerBound * columns, columns)
      epilogue?(block)
    }
  }

  /// Whole blocks, as many for each thread.
  private static func rowsPerTask(_ rows: Int) -> Int {
    let threads = Parallel.threadCount
    let blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
    let tasks = (blocks + threads - 1) / threads * threads
    return max((rows + tasks - 1) / tasks, 16)
  }
}
