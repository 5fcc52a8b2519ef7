// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The matrix of a linear map, laid out for our own kernels. The result of a row does not depend on the other rows.
public struct PackedMatrix: Sendable {
  /// How the elements are stored. Rows that are multiplied with it are rounded alike; results are Float32.
  public enum Format: String, Sendable, Hashable, CaseIterable, Codable {
    case float32
    /// Half the memory; 8 bits of precision.
    case bfloat16
    /// Half the memory; 13 bits of precision.
    case int16
    /// A quarter of the memory: a scale for each output, and one for each row that is multiplied.
    case int8

    /// What a matrix of this shape is packed in: small ones stay Float32 where others become 8-bit integers.
    public func fitting(_ shape: [Int]) -> Format {
      self == .int8 && !QuantizedMatrix.pays(shape) ? .float32 : self
    }
  }

  enum Elements {
    case factor(PackedFactor)
    case bytes(Storage)
  }

  let elements: Elements
  /// Outputs of the map.
  public let rowCount: Int
  /// Inputs of the map.
  public let columnCount: Int

  /// The matrix in the given format.  [output, input]
  public init(_ matrix: Tensor, format: Format) {
    let products: ProductPrecision
    switch format {
    case .float32: products = .float32
    case .bfloat16: products = .bfloat16
    case .int16: products = .int16
    case .int8:
      self.init(matrix.quantized ?? QuantizedMatrix(matrix))
      return
    }
    // Integers stay integers where they are; their numbers are needed here alone.
    let source = (matrix.quantized?.values ?? matrix).converted(to: .float32)
    let factor = PackedFactor(
      source.pointer, n: matrix.rowCount, k: matrix.columnCount, isTransposed: true, in: products)
    self.init(.factor(factor), rowCount: matrix.rowCount, columnCount: matrix.columnCount)
  }

  private init(_ elements: Elements, rowCount: Int, columnCount: Int) {
    (self.elements, self.rowCount, self.columnCount) = (elements, rowCount, columnCount)
  }

  /// A quantized matrix.  [output, input]
  public init(_ matrix: QuantizedMatrix) {
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    precondition(
      columns <= QuantizedMatrix.inputLimit, "int8: \(columns) inputs could overflow the sums")
    let storage = Storage(count: attune_int8_packed_size(rows, columns) / 4, precision: .float32)
    attune_int8_pack(matrix.integers, matrix.scales, rows, columns, storage.pointer)
    self.init(.bytes(storage), rowCount: rows, columnCount: columns)
  }

  /// How the elements are stored.
  public var format: Format {
    switch elements {
    case .bytes: return .int8
    case .factor(let factor):
      switch factor.products {
      case .float32: return .float32
      case .bfloat16: return .bfloat16
      case .int16: return .int16
      }
    }
  }

  /// The integers and scales of the format `.int8`; nil of the others.
  public var quantized: QuantizedMatrix? {
    guard case .bytes(let storage) = elements else { return nil }
    var scales = [Float](repeating: 0, count: rowCount)
    let count = rowCount * columnCount
    let integers = [Int8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let target = buffer.baseAddress {
        attune_int8_unpack(storage.pointer, rowCount, columnCount, target, &scales)
      }
      initialized = count
    }
    return QuantizedMatrix(
      rowCount: rowCount, columnCount: columnCount, integers: integers, scales: scales)
  }

  /// The numbers that are stored, to rounding.  [output, input]
  var values: Tensor {
    if let quantized { return quantized.values }
    if case .factor(let factor) = elements, factor.products == .float32 {
      return factor.unpacked(rowCount: rowCount, columnCount: columnCount)
    }
    let identity = Tensor(
      (0..<columnCount * columnCount).map { $0.isMultiple(of: columnCount + 1) ? 1 : 0 },
      shape: [columnCount, columnCount])
    let transposed = Kernels.packedLinear(identity, self, nil, then: nil)
    return .product(transposed, identity, transposeA: true, transposeB: false)
  }
}
