// SPDX-License-Identifier: Apache-2.0

/// Numbers in a row-major box: a value, copied on write, that may remember how it was computed.
///
/// A tensor refers to its computation only when it depends on a tracked parameter; `detached()` forgets it.
public struct Tensor: Sendable {
  /// Length of each axis; empty for a single number.
  public let shape: [Int]
  var storage: Storage
  let node: GradientNode?

  init(shape: [Int], storage: Storage, node: GradientNode? = nil) {
    precondition(
      shape.reduce(1, *) == storage.count, "shape \(shape) does not hold \(storage.count) elements")
    self.shape = shape
    self.storage = storage
    self.node = node
  }

  /// Uninitialised elements, to be written by a kernel.
  init(uninitialized shape: [Int], precision: Precision) {
    self.init(
      shape: shape, storage: Storage(count: shape.reduce(1, *), precision: precision))
  }

  /// Number of elements.
  public var count: Int { storage.count }

  /// How the elements are stored.
  public var precision: Precision { storage.precision }

  /// Length of the last axis; 1 for a single number.
  public var columnCount: Int { shape.last ?? 1 }

  /// Product of all axes but the last.
  public var rowCount: Int {
    // Not by a slice, which would hold the shape: this is asked for several times in every operation.
    var count = 1
    for axis in 0..<max(shape.count - 1, 0) { count *= shape[axis] }
    return count
  }

  /// Whether the value depends on a tracked parameter.
  public var isTracked: Bool { node != nil }

  /// Returns the value alone, without its computation.
  public func detached() -> Tensor { Tensor(shape: shape, storage: storage) }

  /// Tells apart tensors that do not share their elements; valid while the tensor lives.
  public var identity: TensorIdentity { TensorIdentity(storage: ObjectIdentifier(storage)) }

  var pointer: UnsafeMutableRawPointer { storage.pointer }

  func pointer(atElement index: Int) -> UnsafeMutableRawPointer {
    storage.pointer + index * precision.byteCount
  }
}

/// The elements of a tensor, as opposed to their values.
public struct TensorIdentity: Hashable, Sendable {
  let storage: ObjectIdentifier
}

extension Tensor {
  /// Copies of a parameter that in-place updates had to make; the optimizer's tests hold it at zero.
  static var writeCopyCount: Int { WriteCopies.count }

  /// Gives the elements for writing; copies them first when another tensor shares them.
  public mutating func withMutableStorage<Result>(
    _ body: (UnsafeMutableRawPointer) throws -> Result
  ) rethrows -> Result {
    takeStorage()
    return try body(storage.pointer)
  }

  /// Makes this tensor the only holder of its elements.
  mutating func takeStorage() {
    // Integers must not outlive the numbers that they stand for.
    if !isKnownUniquelyReferenced(&storage) || storage.quantized != nil {
      storage = storage.copy()
      WriteCopies.add()
    }
  }

  /// Replaces the elements by `values`, converted to this tensor's precision.
  public mutating func assign(_ values: [Float]) {
    precondition(values.count == count, "assign: \(values.count) values for \(count) elements")
    withMutableStorage { _ in }
    Kernels.write(values, to: storage)
  }

  /// Makes a row zero, in place when nobody else holds the elements.
  public mutating func clear(row: Int) {
    precondition(0..<rowCount ~= row, "clear: row \(row) of \(rowCount)")
    takeStorage()
    Kernels.clear(row: row, of: self)
  }
}
