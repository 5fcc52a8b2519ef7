// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The elements of a tensor: one aligned buffer, shared by tensors until one of them writes.
///
/// What is all zero, or stands in 8-bit integers, gets its buffer when somebody first asks for the elements: a model whose
/// parameters are about to be loaded takes no memory, and a table whose rows are looked up a quarter of it.
final class Storage: @unchecked Sendable {
  /// What the elements are before they have a buffer.
  enum Source: Sendable {
    case zeros
    case quantized(QuantizedMatrix)
  }

  let count: Int
  let precision: Precision
  /// Steps that some rows have yet to make; set by the only holder.
  var deferred: DeferredSteps?
  private let source: Source?
  private let address: Atomic<UInt>
  // Written once, under the lock, before the address is.
  private var capacity = 0
  private static let filling = Mutex(())

  /// Uninitialised elements.
  init(count: Int, precision: Precision) {
    let (pointer, capacity) = BufferPool.shared.take(count * precision.byteCount)
    self.count = count
    self.precision = precision
    self.capacity = capacity
    source = nil
    address = Atomic(UInt(bitPattern: pointer))
  }

  /// Elements that are computed when they are asked for.
  init(deferred source: Source, count: Int, precision: Precision) {
    self.count = count
    self.precision = precision
    self.source = source
    address = Atomic(0)
  }

  deinit {
    // The parameter needs its moments for them, and may live on.
    deferred?.settle()
    if let pointer = UnsafeMutableRawPointer(bitPattern: address.load(ordering: .relaxed)) {
      BufferPool.shared.give(pointer, capacity: capacity)
    }
  }

  var pointer: UnsafeMutableRawPointer {
    deferred?.settle()
    return unsettledPointer
  }

  /// Elements of which only these rows are up to date.
  func pointer(toRows rows: [Int32]) -> UnsafeMutableRawPointer {
    deferred?.settle(rows)
    return unsettledPointer
  }

  /// Elements whose rows may have steps to make.
  var unsettledPointer: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: address.load(ordering: .acquiring)) ?? filled()
  }

  /// The integers that the elements stand for, where those are still what they were.
  var quantized: QuantizedMatrix? {
    if case .quantized(let matrix) = source { matrix } else { nil }
  }

  func copy() -> Storage {
    let result = Storage(count: count, precision: precision)
    result.pointer.copyMemory(from: pointer, byteCount: count * precision.byteCount)
    return result
  }

  private func filled() -> UnsafeMutableRawPointer {
    Self.filling.withLock { _ in
      // Another thread may have been faster.
      if let pointer = UnsafeMutableRawPointer(bitPattern: address.load(ordering: .relaxed)) {
        return pointer
      }
      let taken = BufferPool.shared.take(count * precision.byteCount)
      switch source {
      case .quantized(let matrix): matrix.write(to: taken.pointer, as: precision)
      case .zeros, nil:
        taken.pointer.initializeMemory(
          as: UInt8.self, repeating: 0, count: count * precision.byteCount)
      }
      capacity = taken.capacity
      address.store(UInt(bitPattern: taken.pointer), ordering: .releasing)
      return taken.pointer
    }
  }
}
