// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Every element is `value`.
  public init(repeating value: Float, shape: [Int], precision: Precision = .float32) {
    self.init(uninitialized: shape, precision: precision)
    Kernels.fill(self, Double(value))
  }

  /// Every element is zero.
  public static func zeros(_ shape: [Int], precision: Precision = .float32) -> Tensor {
    Tensor(repeating: 0, shape: shape, precision: precision)
  }

  /// Numbers that `body` writes, all of them.
  public init(
    shape: [Int], writing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    self.init(uninitialized: shape, precision: .float32)
    try body(
      UnsafeMutableBufferPointer(start: pointer.assumingMemoryBound(to: Float.self), count: count))
  }

  /// Every element is zero; memory is taken when the first is asked for.
  static func blank(_ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      shape: shape, storage: Storage(deferred: .zeros, count: count, precision: .float32))
  }

  /// The numbers that integers stand for. They stay integers for those who look rows up; others find numbers, which take four times
  /// the memory from then on.  [rows, columns]
  public init(quantized matrix: QuantizedMatrix) {
    let count = matrix.rowCount * matrix.columnCount
    self.init(
      shape: [matrix.rowCount, matrix.columnCount],
      storage: Storage(deferred: .quantized(matrix), count: count, precision: .float32))
  }

  /// The integers that the elements stand for; nil for all tensors but those made of them and never written.
  public var quantized: QuantizedMatrix? { storage.quantized }

  /// The given numbers, row by row.
  public init(_ values: [Float], shape: [Int]) {
    self.init(uninitialized: shape, precision: .float32)
    precondition(values.count == count, "\(values.count) values do not fill \(shape)")
    Kernels.write(values, to: storage)
  }

  /// The given numbers in double precision, row by row.
  public init(doubles values: [Double], shape: [Int]) {
    self.init(uninitialized: shape, precision: .float64)
    precondition(values.count == count, "\(values.count) values do not fill \(shape)")
    values.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      pointer.copyMemory(from: base, byteCount: source.count)
    }
  }

  /// One number per element of `values`.
  public init(_ values: [Float]) { self.init(values, shape: [values.count]) }

  /// A single number.
  public init(scalar: Float) { self.init([scalar], shape: []) }

  /// Bytes of little-endian Float32 numbers, as files hold them.
  public init(float32Bytes bytes: UnsafeRawBufferPointer, shape: [Int]) {
    self.init(uninitialized: shape, precision: .float32)
    precondition(bytes.count == count * 4, "\(bytes.count) bytes do not fill \(shape)")
    if let base = bytes.baseAddress, count > 0 {
      pointer.copyMemory(from: base, byteCount: bytes.count)
    }
  }

  /// The elements in row-major order, as Float32.
  public var values: [Float] { Kernels.floats(of: storage) }

  /// The elements in row-major order, as Double.
  public var doubles: [Double] { Kernels.doubles(of: storage) }

  /// The one element.
  public var scalar: Float {
    precondition(count == 1, "scalar of a tensor of shape \(shape)")
    return values[0]
  }

  /// The elements as raw little-endian bytes, for writing to files and hashing.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeRawBufferPointer(start: pointer, count: count * precision.byteCount))
    }
  }

  /// Returns the value in another precision, detached.
  public func converted(to precision: Precision) -> Tensor {
    guard precision != self.precision else { return detached() }
    let result = Tensor(uninitialized: shape, precision: precision)
    Kernels.convert(self, to: result)
    return result
  }
}

extension Tensor: CustomStringConvertible {
  /// Shape and the first elements.
  public var description: String {
    let shown = values.prefix(8).map { "\($0)" }.joined(separator: ", ")
    return "Tensor\(shape)(\(shown)\(count > 8 ? ", …" : ""))"
  }
}
