// SPDX-License-Identifier: Apache-2.0

/// The matrix of a linear map: a master tensor, and beside it, or instead of it, a packed copy for inference.
///
/// Any write to `values` drops the packing, so the two cannot disagree.
public struct Weight: Sendable {
  private var master: Tensor
  private(set) var packed: PackedMatrix?
  private var isPackedOnly = false
  /// How the products with this matrix are rounded where it is not packed, and those of its derivatives.
  public var products = ProductPrecision.float32

  /// A weight without packing.  [output, input]
  public init(_ values: Tensor) { master = values }

  /// A weight that is packed only: `values` are computed when they are asked for.
  public init(packed: PackedMatrix) {
    master = Tensor([], shape: [0, 0])
    self.packed = packed
    isPackedOnly = true
  }

  /// [output, input]
  public var values: Tensor {
    get {
      if isPackedOnly, let packed { packed.values } else { master }
    }
    // An observer would hand out a copy, and the optimizer could not write in place.
    _modify {
      if isPackedOnly, let packed { master = packed.values }
      isPackedOnly = false
      packed = nil
      yield &master
    }
  }

  /// Columns of the result.
  public var outputCount: Int { packed?.rowCount ?? master.rowCount }

  /// Columns of what the matrix is multiplied with.
  public var inputCount: Int { packed?.columnCount ?? master.columnCount }

  var isTracked: Bool { master.isTracked }

  /// Whether a packed copy is there.
  public var isPacked: Bool { packed != nil }

  /// The format of the packed copy, if one is there.
  public var format: PackedMatrix.Format? { packed?.format }

  /// Returns the weight with a packed copy in `format` for inference.
  ///
  /// - Parameter keepsValues: Whether the matrix itself is kept beside it; without it a weight takes less memory.
  public func packed(as format: PackedMatrix.Format, keepsValues: Bool = true) -> Weight {
    var result = self
    result.packed = PackedMatrix(values, format: format)
    return keepsValues ? result : result.packed.map { Weight(packed: $0) } ?? result
  }
}

extension Tensor {
  /// Returns `activation(self . weight^T + bias)`, through the packed copy when the weight has one and nothing is tracked.
  /// [rows, input] -> [rows, output]
  public func linear(_ weight: Weight, bias: Tensor?, then activation: Activation? = nil) -> Tensor
  {
    if let packed = weight.packed, precision == .float32, !isTracked, !weight.isTracked,
      bias?.isTracked != true
    {
      return Kernels.packedLinear(self, packed, bias, then: activation)
    }
    return linear(weight: weight.values, bias: bias, then: activation, in: weight.products)
  }
}
