// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// Turns the column pairs of each head; `isInverse` turns back, which is the derivative.
  static func rotated(
    _ states: Tensor, _ positions: RotaryPositions, isInverse: Bool = false
  ) -> Tensor {
    let result = Tensor(uninitialized: states.shape, precision: states.precision)
    rotate(states, positions, isInverse: isInverse, into: result)
    return result
  }

  /// As `rotated`, over the elements of `states` itself, which nobody else may hold.
  static func rotate(
    inPlace states: Tensor, _ positions: RotaryPositions?, isInverse: Bool = false
  ) {
    guard let positions else { return }
    rotate(states, positions, isInverse: isInverse, into: states)
  }

  private static func rotate(
    _ states: Tensor, _ positions: RotaryPositions, isInverse: Bool, into destination: Tensor
  ) {
    positions.requireFit(states)
    let (columns, width) = (states.columnCount, positions.turns.columnCount)
    positions.places.withUnsafeBufferPointer { places in
      Parallel.forRows(states.rowCount, columns: columns) { range in
        let first = range.lowerBound * columns
        attune_rotate(
          states.precision.kernel, states.pointer(atElement: first), positions.turns.pointer,
          places.baseAddress.map { $0 + range.lowerBound }, isInverse ? -1 : 1,
          destination.pointer(atElement: first), range.count, columns / width, width / 2)
      }
    }
  }
}
