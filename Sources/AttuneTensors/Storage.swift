// SPDX-License-Identifier: Apache-2.0

/// The elements of a tensor: one aligned buffer, shared by tensors until one of them writes.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let count: Int
  let precision: Precision
  private let capacity: Int

  /// Uninitialised elements.
  init(count: Int, precision: Precision) {
    (pointer, capacity) = BufferPool.shared.take(count * precision.byteCount)
    self.count = count
    self.precision = precision
  }

  deinit { BufferPool.shared.give(pointer, capacity: capacity) }

  func copy() -> Storage {
    let result = Storage(count: count, precision: precision)
    result.pointer.copyMemory(from: pointer, byteCount: count * precision.byteCount)
    return result
  }
}
