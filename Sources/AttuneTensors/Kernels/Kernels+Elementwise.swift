// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  static func add(_ a: Tensor, _ b: Tensor, into destination: Tensor) {
    Parallel.forElements(a.count) { range in
      attune_add(
        a.precision.kernel, a.pointer(atElement: range.lowerBound),
        b.pointer(atElement: range.lowerBound), destination.pointer(atElement: range.lowerBound),
        range.count)
    }
  }

  static func sum(_ a: Tensor, _ b: Tensor) -> Tensor {
    let result = Tensor(uninitialized: a.shape, precision: a.precision)
    add(a, b, into: result)
    return result
  }

  static func elementwiseProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    let result = Tensor(uninitialized: a.shape, precision: a.precision)
    Parallel.forElements(a.count) { range in
      attune_multiply(
        a.precision.kernel, a.pointer(atElement: range.lowerBound),
        b.pointer(atElement: range.lowerBound), result.pointer(atElement: range.lowerBound),
        range.count)
    }
    return result
  }

  static func scaled(_ x: Tensor, by factor: Double) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    Parallel.forElements(x.count) { range in
      attune_scale(
        x.precision.kernel, factor, x.pointer(atElement: range.lowerBound),
        result.pointer(atElement: range.lowerBound), range.count)
    }
    return result
  }

  static func activated(_ x: Tensor, by activation: Activation) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    Parallel.forElements(x.count) { range in
      attune_activate(
        x.precision.kernel, activation.kernel, x.pointer(atElement: range.lowerBound),
        result.pointer(atElement: range.lowerBound), range.count)
    }
    return result
  }

  /// gradient * f'(x)
  static func activationGradient(_ x: Tensor, _ gradient: Tensor, of activation: Activation)
    -> Tensor
  {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    Parallel.forElements(x.count) { range in
      attune_activate_backward(
        x.precision.kernel, activation.kernel, x.pointer(atElement: range.lowerBound),
        gradient.pointer(atElement: range.lowerBound), result.pointer(atElement: range.lowerBound),
        range.count)
    }
    return result
  }

  /// activated = f(x), and gradient *= f'(x), on the given rows and the calling thread.
  static func activate(
    _ x: Tensor, by activation: Activation, into activated: Tensor,
    timesDerivative gradient: Tensor, rows: Range<Int>
  ) {
    let first = rows.lowerBound * x.columnCount
    attune_activate_both(
      x.precision.kernel, activation.kernel, x.pointer(atElement: first),
      activated.pointer(atElement: first), gradient.pointer(atElement: first),
      rows.count * x.columnCount)
  }

  static func dropped(_ x: Tensor, _ draw: DropoutDraw) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    Parallel.forElements(x.count) { range in
      attune_dropout(
        x.precision.kernel, draw.key.bits, UInt64(range.lowerBound), Double(draw.rate),
        x.pointer(atElement: range.lowerBound), result.pointer(atElement: range.lowerBound),
        range.count)
    }
    return result
  }

  /// residual + dropped(x)
  static func addingDropped(_ x: Tensor, _ draw: DropoutDraw, to residual: Tensor) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    Parallel.forElements(x.count) { range in
      attune_add_dropout(
        x.precision.kernel, draw.key.bits, UInt64(range.lowerBound), Double(draw.rate),
        residual.pointer(atElement: range.lowerBound), x.pointer(atElement: range.lowerBound),
        result.pointer(atElement: range.lowerBound), range.count)
    }
    return result
  }

  /// Sum of all elements: chunks in parallel, added in their order.
  static func total(_ x: Tensor) -> Double {
    reduce(x) { pointer, count in attune_sum(x.precision.kernel, pointer, count) }
  }

  static func sumOfSquares(_ x: Tensor) -> Double {
    reduce(x) { pointer, count in attune_sum_of_squares(x.precision.kernel, pointer, count) }
  }

  private static func reduce(
    _ x: Tensor, _ body: (UnsafeMutableRawPointer, Int) -> Double
  ) -> Double {
    let chunk = Parallel.rowsPerChunk(columns: 1)
    let parts = (x.count + chunk - 1) / chunk
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(parts, 1)) { sums in
      Parallel.forEach(parts) { index in
        let first = index * chunk
        sums[index] = body(x.pointer(atElement: first), min(chunk, x.count - first))
      }
      return sums.prefix(parts).reduce(0, +)
    }
  }
}
