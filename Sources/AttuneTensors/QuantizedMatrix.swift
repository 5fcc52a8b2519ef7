// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// A matrix in 8-bit integers with a scale for each row: element = integer * scale.
public struct QuantizedMatrix: Sendable, Equatable {
  public let rowCount: Int
  public let columnCount: Int
  /// Row by row, from -127 to 127.
  public let integers: [Int8]
  /// One for each row.
  public let scales: [Float]

  /// The given integers and scales.
  public init(rowCount: Int, columnCount: Int, integers: [Int8], scales: [Float]) {
    precondition(
      integers.count == rowCount * columnCount && scales.count == rowCount,
      "quantized [\(rowCount), \(columnCount)]: \(integers.count) integers, \(scales.count) scales")
    (self.rowCount, self.columnCount) = (rowCount, columnCount)
    (self.integers, self.scales) = (integers, scales)
  }

  /// The nearest integers: the largest magnitude of each row becomes 127.  [rows, columns]
  public init(_ matrix: Tensor) {
    let source = matrix.converted(to: .float32)
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    var scales = [Float](repeating: 0, count: rows)
    let integers = [Int8](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
      if let target = buffer.baseAddress {
        attune_int8_quantize(
          source.pointer.assumingMemoryBound(to: Float.self), columns, rows, columns, target,
          &scales)
      }
      initialized = rows * columns
    }
    self.init(rowCount: rows, columnCount: columns, integers: integers, scales: scales)
  }

  /// The numbers that are meant.  [rows, columns]
  public var values: Tensor {
    var values = [Float](repeating: 0, count: integers.count)
    for row in 0..<rowCount {
      for index in row * columnCount..<(row + 1) * columnCount {
        values[index] = Float(integers[index]) * scales[row]
      }
    }
    return Tensor(values, shape: [rowCount, columnCount])
  }
}
