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

  /// Adds another gradient of the same parameter, in place when nobody else holds the elements.
  mutating func add(_ other: Gradient) {
    switch (self, other) {
    case (.dense(var own), .dense(let added)):
      // Given up here, so that `own` is the only holder.
      self = other
      own.accumulate(added)
      self = .dense(own)
    case (.dense(let dense), .rows(let rows, let values)),
      (.rows(let rows, let values), .dense(let dense)):
      let sum = Kernels.scaled(dense, by: 1)
      Kernels.scatter(values, to: rows, of: sum)
      self = .dense(sum)
    case (.rows(let ownRows, let own), .rows(let addedRows, let added)):
      self = Kernels.merge(ownRows, own, addedRows, added)
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
