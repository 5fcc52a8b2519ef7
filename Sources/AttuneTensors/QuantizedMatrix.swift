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

  /// Fewer numbers than this are kept as they are: little is won by rounding them.
  private static let leastCount = 1 << 14

  /// Whether a matrix of this shape is worth the rounding.
  public static func pays(_ shape: [Int]) -> Bool {
    shape.count == 2 && shape[1] >= 32 && shape[1] <= inputLimit
      && shape[0] * shape[1] >= leastCount
  }

  /// Columns beyond which the sums of products could overflow.
  public static let inputLimit = 65_536

  /// The numbers that are meant.  [rows, columns]
  public var values: Tensor {
    let result = Tensor(uninitialized: [rowCount, columnCount], precision: .float32)
    write(to: result.pointer, as: .float32)
    return result
  }

  /// The given rows alone.
  public func rows(_ range: Range<Int>) -> QuantizedMatrix {
    QuantizedMatrix(
      rowCount: range.count, columnCount: columnCount,
      integers: Array(integers[range.lowerBound * columnCount..<range.upperBound * columnCount]),
      scales: Array(scales[range]))
  }

  /// Writes the numbers that are meant, row by row.
  func write(to target: UnsafeMutableRawPointer, as precision: Precision) {
    let floats = precision == .float32 ? target : nil
    integers.withUnsafeBufferPointer { integers in
      Parallel.forRows(rowCount, columns: columnCount) { rows in
        for row in rows {
          let first = row * columnCount
          let scale = scales[row]
          if let floats = floats?.assumingMemoryBound(to: Float.self) {
            for index in first..<first + columnCount {
              floats[index] = Float(integers[index]) * scale
            }
          } else {
            let doubles = target.assumingMemoryBound(to: Double.self)
            for index in first..<first + columnCount {
              doubles[index] = Double(Float(integers[index]) * scale)
            }
          }
        }
      }
    }
  }

  /// Writes the rows that ids name one after the other; a negative id gives zeros.
  func gather(_ ids: UnsafeBufferPointer<Int32>, to target: UnsafeMutablePointer<Float>) {
    integers.withUnsafeBufferPointer { integers in
      for (place, id) in ids.enumerated() {
        let result = target + place * columnCount
        guard id >= 0 else {
          result.update(repeating: 0, count: columnCount)
          continue
        }
        let scale = scales[Int(id)]
        let first = Int(id) * columnCount
        for column in 0..<columnCount { result[column] = Float(integers[first + column]) * scale }
      }
    }
  }
}
