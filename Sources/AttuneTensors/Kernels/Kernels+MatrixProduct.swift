// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// Rows of a product that one task computes: few enough for balance, enough that packing the other factor pays.
  static func rowsPerTask(_ rows: Int, work: Int) -> Int {
    guard work > 1 << 18, rows >= 32 else { return max(rows, 1) }
    let wanted = max(1, min(8, rows / 96))
    let tasks = 1 << (Int.bitWidth - 1 - wanted.leadingZeroBitCount)
    let perTask = (rows + max(tasks, 2) - 1) / max(tasks, 2)
    return (perTask + 15) / 16 * 16
  }

  /// c[m][n] = op(a) op(b) + beta * c, cut by rows of c; `epilogue` runs on each block of rows while it is warm.
  ///
  /// - Parameter packed: op(b) as it was packed for an earlier product.
  static func multiply(
    _ precision: Precision, transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int,
    k: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, beta: Double = 0,
    in products: ProductPrecision = .float32, packed: PackedFactor? = nil,
    into c: UnsafeMutableRawPointer, epilogue: ((Range<Int>) -> Void)? = nil
  ) {
    let stride = precision.byteCount
    if PackedFactor.pays(precision, m: m, n: n, k: k, in: products), beta == 0 || beta == 1 {
      // The smaller factor is packed: it is read as often as there are blocks of rows of the other.
      if transposeA, !transposeB, n > m, products == .float32, beta == 0, epilogue == nil {
        PackedFactor(a, n: m, k: k, isTransposed: false, in: products)
          .multiplyTransposed(b, rows: n, into: c)
        return
      }
      let factor =
        packed ?? PackedFactor(b, n: n, k: k, isTransposed: transposeB, in: products)
      factor.multiply(
        a, isTransposed: transposeA, rows: m, accumulating: beta == 1, into: c, epilogue: epilogue)
      return
    }
    let perTask = rowsPerTask(m, work: m * n * k)
    Parallel.forEach((m + perTask - 1) / perTask) { task in
      let rows = task * perTask..<min(m, (task + 1) * perTask)
      BLAS.multiply(
        precision, transposeA: transposeA, transposeB: transposeB, m: rows.count, n: n, k: k,
        a + rows.lowerBound * (transposeA ? 1 : k) * stride, transposeA ? m : k, b,
        transposeB ? k : n, beta: beta, c + rows.lowerBound * n * stride, n)
      epilogue?(rows)
    }
  }

  /// op(a) op(b)  of matrices [rows, columns]; `epilogue` gets the result and each block of its rows while it is warm.
  static func product(
    _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false,
    in products: ProductPrecision = .float32, epilogue: ((Tensor, Range<Int>) -> Void)? = nil
  ) -> Tensor {
    let (m, k) = transposeA ? (a.columnCount, a.rowCount) : (a.rowCount, a.columnCount)
    let (inner, n) = transposeB ? (b.columnCount, b.rowCount) : (b.rowCount, b.columnCount)
    precondition(
      k == inner, "matmul: \(a.shape) x \(b.shape): inner dimensions \(k) and \(inner) differ")
    precondition(
      a.precision == b.precision, "matmul: \(a.precision) x \(b.precision)")
    let result = Tensor(uninitialized: [m, n], precision: a.precision)
    multiply(
      a.precision, transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, a.pointer,
      b.pointer, in: products, into: result.pointer,
      epilogue: epilogue.map { body in { body(result, $0) } })
    return result
  }

  /// a[0] b[0] + a[1] b[1] + ...
  static func sumOfProducts(
    _ a: [Tensor], _ b: [Tensor], in products: ProductPrecision
  ) -> Tensor {
    let result = product(a[0], b[0], in: products)
    for (a, b) in zip(a.dropFirst(), b.dropFirst()) {
      multiply(
        a.precision, m: a.rowCount, n: b.columnCount, k: a.columnCount, a.pointer, b.pointer,
        beta: 1, in: products, into: result.pointer)
    }
    return result
  }

  /// a^T b for each a; b is packed once.
  static func products(
    ofTransposed factors: [Tensor?], with b: Tensor, in products: ProductPrecision
  ) -> [Tensor?] {
    let (k, n) = (b.rowCount, b.columnCount)
    guard
      factors.allSatisfy({ factor in
        factor.map {
          PackedFactor.pays(b.precision, m: $0.columnCount, n: n, k: k, in: products)
        } ?? true
      })
    else { return factors.map { $0.map { product($0, b, transposeA: true, in: products) } } }
    let packed = PackedFactor(b.pointer, n: n, k: k, isTransposed: false, in: products)
    return factors.map { factor in
      guard let factor else { return nil }
      let m = factor.columnCount
      let result = Tensor(uninitialized: [m, n], precision: b.precision)
      packed.multiply(
        factor.pointer, isTransposed: true, rows: m, accumulating: false, into: result.pointer)
      return result
    }
  }

  /// x . weight^T + bias, and its activation when one is given.  [rows, input] -> [rows, output]
  ///
  /// - Parameter packed: The transposed weight as it was packed for an earlier product.
  static func linear(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, then activation: Activation?,
    in products: ProductPrecision = .float32, packed: PackedFactor? = nil
  ) -> (sums: Tensor, activated: Tensor) {
    let (rows, input, output) = (x.rowCount, x.columnCount, weight.rowCount)
    precondition(
      input == weight.columnCount,
      "linear: \(x.shape) x \(weight.shape): inner dimensions \(input) and \(weight.columnCount) differ"
    )
    precondition(
      weight.precision == x.precision && bias?.precision ?? x.precision == x.precision,
      "linear: states in \(x.precision), weight in \(weight.precision)")
    precondition(
      bias?.count ?? output == output, "linear: weight \(weight.shape), bias \(bias?.shape ?? [])")
    let sums = Tensor(uninitialized: [rows, output], precision: x.precision)
    let activated =
      activation == nil ? sums : Tensor(uninitialized: [rows, output], precision: x.precision)
    multiply(
      x.precision, transposeB: true, m: rows, n: output, k: input, x.pointer, weight.pointer,
      in: products, packed: packed, into: sums.pointer
    ) { block in
      guard bias != nil || activation != nil else { return }
      let first = block.lowerBound * output
      attune_bias_activate(
        x.precision.kernel, (activation ?? .identity).kernel, sums.pointer(atElement: first),
        output,
        bias?.pointer, activation == nil ? nil : activated.pointer(atElement: first), output,
        block.count, output)
    }
    return (sums, activated)
  }
}
