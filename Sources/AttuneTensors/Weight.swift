// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The matrix of a linear map: a master tensor, and beside it, when inference asked for it, a packed copy.
///
/// Any write to `values` drops the packing, so the two cannot disagree.
public struct Weight: Sendable {
  private var master: Tensor
  private(set) var packed: PackedMatrix?

  /// A weight without packing.  [output, input]
  public init(_ values: Tensor) { master = values }

  /// [output, input]
  public var values: Tensor {
    get { master }
    // An observer would hand out a copy, and the optimizer could not write in place.
    _modify {
      packed = nil
      yield &master
    }
  }

  /// Whether a packed copy is there.
  public var isPacked: Bool { packed != nil }

  /// Returns the weight with a packed copy in `format` for inference.
  public func packed(as format: PackedMatrix.Format) -> Weight {
    var result = self
    result.packed = PackedMatrix(values, format: format)
    return result
  }
}

/// A matrix laid out for our own kernels.
public struct PackedMatrix: Sendable {
  /// How the elements are stored.
  public enum Format: Sendable, Hashable, CaseIterable {
    /// Float32 in panels; the result of a row does not depend on the other rows.
    case float32
  }

  let storage: Storage
  let rowCount: Int
  let columnCount: Int

  init(_ matrix: Tensor, format: Format) {
    rowCount = matrix.rowCount
    columnCount = matrix.columnCount
    storage = Storage(count: attune_packed_size(rowCount, columnCount), precision: .float32)
    let source = matrix.converted(to: .float32)
    attune_pack(
      source.pointer.assumingMemoryBound(to: Float.self), columnCount, rowCount, columnCount,
      storage.pointer.assumingMemoryBound(to: Float.self))
  }
}

extension Tensor {
  /// Returns `activation(self . weight^T + bias)`, through the packed copy when the weight has one and nothing is tracked.
  /// [rows, input] -> [rows, output]
  public func linear(_ weight: Weight, bias: Tensor?, then activation: Activation? = nil) -> Tensor
  {
    guard let packed = weight.packed, precision == .float32, !isTracked, !weight.values.isTracked,
      bias?.isTracked != true
    else { return linear(weight: weight.values, bias: bias, then: activation) }
    return Kernels.packedLinear(self, packed, bias, then: activation)
  }
}

extension Kernels {
  static func packedLinear(
    _ x: Tensor, _ weight: PackedMatrix, _ bias: Tensor?, then activation: Activation?
  ) -> Tensor {
    let (rows, input, output) = (x.rowCount, weight.columnCount, weight.rowCount)
    precondition(
      x.columnCount == input,
      "linear: \(x.shape) x [\(output), \(input)]: inner dimensions \(x.columnCount) and \(input) differ"
    )
    let result = Tensor(uninitialized: [rows, output], precision: .float32)
    // A row's bits do not depend on how rows are cut, so the cut may follow the pool's convenience.
    let perTask = rowsPerTask(rows, work: rows * input * output)
    Parallel.forEach((rows + perTask - 1) / perTask) { task in
      let first = task * perTask
      attune_packed_gemm(
        min(perTask, rows - first), output, input,
        x.pointer(atElement: first * input).assumingMemoryBound(to: Float.self), input,
        weight.storage.pointer.assumingMemoryBound(to: Float.self),
        bias?.pointer.assumingMemoryBound(to: Float.self), (activation ?? .identity).kernel,
        result.pointer(atElement: first * output).assumingMemoryBound(to: Float.self), output)
    }
    return result
  }
}
