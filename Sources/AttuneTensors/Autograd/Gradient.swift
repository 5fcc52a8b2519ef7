// SPDX-License-Identifier: Apache-2.0

/// The derivative of a loss with respect to one parameter.
public enum Gradient: Sendable {
  /// One number for each element.
  case dense(Tensor)
  /// Rows of a table, each named once, in rising order; all other rows are zero.
  case rows([Int32], Tensor)

  /// Sum of squares of all elements, in double.
  public var sumOfSquares: Double {
    switch self {
    case .dense(let tensor), .rows(_, let tensor): Kernels.sumOfSquares(tensor)
    }
  }

  /// Returns the gradient of a table of `shape` with every row written out.
  public func dense(shape: [Int]) -> Tensor {
    switch self {
    case .dense(let tensor): return tensor
    case .rows(let rows, let values):
      let result = Tensor.zeros(shape, precision: values.precision)
      Kernels.scatter(values, to: rows, of: result)
      return result
    }
  }

  /// Returns the sum of two gradients of one parameter.
  static func sum(_ first: Gradient, _ second: Gradient) -> Gradient {
    switch (first, second) {
    case (.dense(var a), .dense(let b)):
      a.accumulate(b)
      return .dense(a)
    case (.dense(var a), .rows(let rows, let values)), (.rows(let rows, let values), .dense(var a)):
      a = Kernels.scaled(a, by: 1)
      Kernels.scatter(values, to: rows, of: a)
      return .dense(a)
    case (.rows(let firstRows, let a), .rows(let secondRows, let b)):
      return Kernels.merge(firstRows, a, secondRows, b)
    }
  }

  func scaled(by factor: Double) -> Gradient {
    switch self {
    case .dense(let tensor): .dense(Kernels.scaled(tensor, by: factor))
    case .rows(let rows, let tensor): .rows(rows, Kernels.scaled(tensor, by: factor))
    }
  }
}

extension Tensor {
  /// Adds `other`, in place when nobody else holds the elements.
  mutating func accumulate(_ other: Tensor) {
    precondition(shape == other.shape, "gradient sum: \(shape) and \(other.shape) differ")
    if isKnownUniquelyReferenced(&storage) {
      Kernels.add(self, other, into: self)
    } else {
      self = Kernels.sum(self, other)
    }
  }
}
