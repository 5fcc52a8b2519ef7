// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  static func segmentMean(_ x: Tensor, _ layout: SequenceLayout) -> Tensor {
    let columns = x.columnCount
    let result = Tensor(uninitialized: [layout.count, columns], precision: x.precision)
    let offsets = layout.offsets.map { Int64($0) }
    offsets.withUnsafeBufferPointer { offsets in
      guard let base = offsets.baseAddress else { return }
      Parallel.forRows(layout.count, columns: columns) { range in
        attune_segment_mean(
          x.precision.kernel, x.pointer, base + range.lowerBound,
          result.pointer(atElement: range.lowerBound * columns), range.count, columns)
      }
    }
    return result
  }

  static func segmentMaximum(
    _ x: Tensor, _ layout: SequenceLayout
  ) -> (result: Tensor, winners: [Int32]) {
    let columns = x.columnCount
    let result = Tensor(uninitialized: [layout.count, columns], precision: x.precision)
    let offsets = layout.offsets.map { Int64($0) }
    let winners = [Int32](unsafeUninitializedCapacity: layout.count * columns) { buffer, count in
      attune_segment_max(
        x.precision.kernel, x.pointer, offsets, result.pointer, buffer.baseAddress, layout.count,
        columns)
      count = layout.count * columns
    }
    return (result, winners)
  }

  /// destination[winners[i]][column of i] += values[i]; a negative winner adds nothing.
  static func scatterElements(_ values: Tensor, winners: [Int32], of destination: Tensor) {
    let columns = values.columnCount
    func add<Element: FloatingPoint>(_: Element.Type) {
      let source = values.pointer.assumingMemoryBound(to: Element.self)
      let target = destination.pointer.assumingMemoryBound(to: Element.self)
      for (index, winner) in winners.enumerated() where winner >= 0 {
        target[Int(winner) * columns + index % columns] += source[index]
      }
    }
    switch values.precision {
    case .float32: add(Float.self)
    case .float64: add(Double.self)
    }
  }

  /// Softmax of [tokens, 1] within each sequence.  -> [tokens]
  static func segmentSoftmax(_ scores: Tensor, _ layout: SequenceLayout) -> Tensor {
    let result = Tensor(uninitialized: [scores.count], precision: scores.precision)
    Parallel.forEach(layout.count) { sequence in
      let rows = layout.rows(of: sequence)
      attune_softmax(
        scores.precision.kernel, 1, scores.pointer(atElement: rows.lowerBound),
        result.pointer(atElement: rows.lowerBound), 1, rows.count)
    }
    return result
  }

  /// Gradient of the scores, [tokens, 1], from the gradient of the weights.
  static func segmentSoftmaxBackward(
    _ weights: Tensor, _ gradient: Tensor, _ layout: SequenceLayout
  ) -> Tensor {
    let result = Tensor(uninitialized: [weights.count, 1], precision: weights.precision)
    Parallel.forEach(layout.count) { sequence in
      let rows = layout.rows(of: sequence)
      attune_softmax_backward(
        weights.precision.kernel, weights.pointer(atElement: rows.lowerBound),
        gradient.pointer(atElement: rows.lowerBound), result.pointer(atElement: rows.lowerBound), 1,
        rows.count)
    }
    return result
  }

  /// Sum of each sequence's rows times their weights.
  static func segmentSums(_ x: Tensor, weights: Tensor, _ layout: SequenceLayout) -> Tensor {
    let columns = x.columnCount
    let result = Tensor.zeros([layout.count, columns], precision: x.precision)
    Parallel.forEach(layout.count) { sequence in
      let rows = layout.rows(of: sequence)
      BLAS.multiply(
        x.precision, transposeA: false, transposeB: false, m: 1, n: columns, k: rows.count,
        weights.pointer(atElement: rows.lowerBound), max(rows.count, 1),
        x.pointer(atElement: rows.lowerBound * columns), columns,
        result.pointer(atElement: sequence * columns), columns)
    }
    return result
  }
}
