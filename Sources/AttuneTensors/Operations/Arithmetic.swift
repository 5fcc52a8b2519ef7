// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the element-wise sum of two tensors of one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    requireEqualShapes(a, b, in: "sum")
    return .recorded(Kernels.sum(a, b), from: [a, b]) { call in
      [.dense(call.gradient), .dense(call.gradient)]
    }
  }

  /// Returns the element-wise difference of two tensors of one shape.
  public static func - (a: Tensor, b: Tensor) -> Tensor { a + b.scaled(by: -1) }

  /// Returns the element-wise product of two tensors of one shape.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    requireEqualShapes(a, b, in: "product")
    return .recorded(Kernels.elementwiseProduct(a, b), from: [a, b], saving: [a, b]) { call in
      [
        call.needed[0] ? .dense(Kernels.elementwiseProduct(call.gradient, call.saved[1])) : nil,
        call.needed[1] ? .dense(Kernels.elementwiseProduct(call.gradient, call.saved[0])) : nil,
      ]
    }
  }

  /// Returns each element times `factor`.
  public func scaled(by factor: Double) -> Tensor {
    .recorded(Kernels.scaled(self, by: factor), from: [self]) { call in
      [.dense(Kernels.scaled(call.gradient, by: factor))]
    }
  }

  /// Returns the sum of all elements as a single number.
  public func sum() -> Tensor {
    let result = Tensor(uninitialized: [], precision: precision)
    Kernels.fill(result, Kernels.total(self))
    let shape = shape
    return .recorded(result, from: [self]) { call in
      let spread = Tensor(uninitialized: shape, precision: call.gradient.precision)
      Kernels.fill(spread, call.gradient.doubles[0])
      return [.dense(spread)]
    }
  }

  /// Returns each row plus `bias`.  [rows, columns] + [columns] -> [rows, columns]
  public func addingToRows(_ bias: Tensor) -> Tensor {
    precondition(
      bias.shape == [columnCount] && bias.precision == precision,
      "addingToRows: \(shape) and \(bias.shape) do not fit")
    return .recorded(
      Kernels.scaledColumns(self, by: nil, plus: bias), from: [self, bias]
    ) { call in
      [
        .dense(call.gradient),
        call.needed[1] ? .dense(Kernels.columnSums(call.gradient)) : nil,
      ]
    }
  }

  /// Returns the same elements under another shape.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    let oldShape = shape
    let result = Tensor(shape: newShape, storage: storage)
    return .recorded(result, from: [self]) { call in
      [.dense(Tensor(shape: oldShape, storage: call.gradient.storage))]
    }
  }

  /// Returns the transposed matrix.  [rows, columns] -> [columns, rows]
  public func transposed() -> Tensor {
    .recorded(Kernels.transposed(self), from: [self]) { call in
      [.dense(Kernels.transposed(call.gradient))]
    }
  }

  private static func requireEqualShapes(_ a: Tensor, _ b: Tensor, in operation: String) {
    precondition(a.shape == b.shape, "\(operation): \(a.shape) and \(b.shape) differ")
    precondition(
      a.precision == b.precision, "\(operation): \(a.precision) and \(b.precision) differ")
  }
}
