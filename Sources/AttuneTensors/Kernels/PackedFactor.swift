// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The right factor of a large product, packed once for all threads.
///
/// OpenBLAS packs it anew in each call, and so for each block of rows that a thread takes; our kernels are as fast
/// once the packing is shared. An element's bits depend on its row, its column and k alone, so rows may be dealt by the
/// number of threads.
struct PackedFactor: Sendable {
  let products: ProductPrecision
  private let storage: Storage
  private let columns: Int
  private let depth: Int

  /// Rows that our kernels copy at a time.
  private static let rowsPerBlock = 112
  /// Bytes of the factor that one task packs, so that small factors are not cut.
  private static let bytesPerTask = 1 << 17
  private static let panelColumns = Int(ATTUNE_PANEL_COLUMNS)

  /// Whether our kernels compute the product: those of Float32 where they beat OpenBLAS, which has better ones where
  /// vectors are short.
  static func pays(
    _ precision: Precision, m: Int, n: Int, k: Int, in products: ProductPrecision
  ) -> Bool {
    guard precision == .float32 else { return false }
    guard products == .float32 else { return m >= 16 && m * n * k > 1 << 18 }
    return m >= 48 && m * n * k > 1 << 20 && attune_current_level() != ATTUNE_LEVEL_BASELINE
  }

  /// b[k][n], or with `isTransposed` b[n][k].
  init(
    _ b: UnsafeRawPointer, n: Int, k: Int, isTransposed: Bool, in products: ProductPrecision
  ) {
    (self.products, columns, depth) = (products, n, k)
    let panelCount = (n + Self.panelColumns - 1) / Self.panelColumns
    let panelBytes = Self.panelBytes(k, products)
    let storage = Storage(count: panelCount * panelBytes / 4, precision: .float32)
    self.storage = storage
    let source = b.assumingMemoryBound(to: Float.self)
    // Rows of the factor are read from end to end where they can be.
    let wanted =
      isTransposed
      ? Self.bytesPerTask / max(panelBytes, 1) : panelCount / (2 * Parallel.threadCount)
    let perTask = max(1, wanted) * Self.panelColumns
    Parallel.forEach((n + perTask - 1) / perTask) { task in
      let first = task * perTask
      let (transposed, leading): (Int32, Int) = isTransposed ? (1, k) : (0, n)
      let block = source + first * (isTransposed ? k : 1)
      let target = storage.pointer + first / Self.panelColumns * panelBytes
      let count = min(perTask, n - first)
      if products == .float32 {
        attune_pack_factor(
          transposed, block, leading, count, k, target.assumingMemoryBound(to: Float.self))
      } else {
        attune_short_pack(products.kernel, transposed, block, leading, count, k, target)
      }
    }
  }

  private static func panelBytes(_ depth: Int, _ products: ProductPrecision) -> Int {
    products == .float32
      ? panelColumns * depth * 4 : attune_short_panel_size(products.kernel, depth)
  }

  /// The panel that starts at a column, a multiple of their width.
  func panel(at column: Int) -> UnsafeMutableRawPointer {
    storage.pointer + column / Self.panelColumns * Self.panelBytes(depth, products)
  }

  /// What was packed in Float32 and transposed.  [output, input]
  func unpacked(rowCount: Int, columnCount: Int) -> Tensor {
    let result = Tensor(uninitialized: [rowCount, columnCount], precision: .float32)
    let target = result.pointer.assumingMemoryBound(to: Float.self)
    Parallel.forRows(rowCount, columns: columnCount) { rows in
      for row in rows {
        let place = row % Self.panelColumns
        let source = self.panel(at: row - place).assumingMemoryBound(to: Float.self)
        for column in 0..<columnCount {
          target[row * columnCount + column] = source[column * Self.panelColumns + place]
        }
      }
    }
    return result
  }

  /// The transpose of a^T b, in Float32.  a [k, rows] -> c [columns, rows]
  func multiplyTransposed(_ a: UnsafeRawPointer, rows: Int, into c: UnsafeMutableRawPointer) {
    let perTask = Self.rowsPerTask(rows)
    Parallel.forEach((rows + perTask - 1) / perTask) { task in
      let first = task * perTask
      let count = min(perTask, rows - first)
      let block = Storage(count: count * columns, precision: .float32)
      attune_blocked_gemm(
        1, count, columns, depth, a.assumingMemoryBound(to: Float.self) + first, rows,
        storage.pointer.assumingMemoryBound(to: Float.self), 0,
        block.pointer.assumingMemoryBound(to: Float.self), columns)
      attune_transpose(
        ATTUNE_FLOAT32, block.pointer, c + first * Precision.float32.byteCount, rows, count,
        columns)
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
    let (transposed, leading): (Int32, Int) = isTransposed ? (1, rows) : (0, depth)
    let perTask = Self.rowsPerTask(rows)
    Parallel.forEach((rows + perTask - 1) / perTask) { task in
      let block = task * perTask..<min(rows, (task + 1) * perTask)
      let source = left + block.lowerBound * (isTransposed ? 1 : depth)
      let target = result + block.lowerBound * columns
      if products == .float32 {
        attune_blocked_gemm(
          transposed, block.count, columns, depth, source, leading,
          storage.pointer.assumingMemoryBound(to: Float.self), accumulating ? 1 : 0, target,
          columns)
      } else {
        attune_short_gemm(
          products.kernel, transposed, block.count, columns, depth, source, leading,
          storage.pointer, accumulating ? 1 : 0, nil, ATTUNE_IDENTITY, target, columns)
      }
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
