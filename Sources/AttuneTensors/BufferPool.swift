// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import CAttuneKernels
internal import Synchronization

/// Keeps released buffers for the next tensor of about the same size.
///
/// A training step allocates and releases the same hundreds of megabytes again and again; asking the system each time
/// would spend more on page faults than on layer norms. Buffers live in size classes, four to an octave, so at most a
/// fifth of one is unused. Small ones wait in a shelf of the thread that released them: writing token by token takes and gives
/// hundreds a step, and threads that share one lock would mostly wait for each other.
final class BufferPool: @unchecked Sendable {
  static let shared = BufferPool()

  private struct State {
    var free: [Int: [UInt]] = [:]
    var freeBytes = 0
    var liveBytes = 0
  }

  /// Small buffers that one thread released, or a few.
  private struct Shelf: ~Copyable {
    private struct Content {
      var free = [[UInt]](
        repeating: [], count: BufferPool.classIndex(of: BufferPool.largestSmall) + 1)
      var bytes = 0
    }

    /// Bytes that wait at most.
    private static let allowance = 1 << 20
    private let content = Mutex(Content())

    func take(_ capacity: Int) -> UInt? {
      content.withLock { content in
        guard let address = content.free[BufferPool.classIndex(of: capacity)].popLast() else {
          return nil
        }
        content.bytes -= capacity
        return address
      }
    }

    /// Returns whether there was room.
    func give(_ address: UInt, _ capacity: Int) -> Bool {
      content.withLock { content in
        guard content.bytes + capacity <= Self.allowance else { return false }
        content.free[BufferPool.classIndex(of: capacity)].append(address)
        content.bytes += capacity
        return true
      }
    }
  }

  private let state = Mutex(State())
  // A pointer, never released: an array would be held and let go by every thread at once. Never written after this.
  private let shelves = {
    let shelves = UnsafeMutablePointer<Shelf>.allocate(capacity: shelfCount)
    for index in 0..<shelfCount { (shelves + index).initialize(to: Shelf()) }
    return shelves
  }()
  private static let shelfCount = 16
  private static let alignment = 128
  private static let smallest = 512
  private static let largestSmall = 1 << 16
  /// What may lie idle beside what is in use; beyond it, released memory goes back to the system.
  private static let idleAllowance = 48 << 20

  /// Smallest size class that holds `byteCount`: 4, 5, 6 or 7 times a power of two.
  static func capacity(for byteCount: Int) -> Int {
    let wanted = max(byteCount, smallest)
    let octave = Int.bitWidth - 1 - (wanted - 1).leadingZeroBitCount
    let quarter = 1 << max(0, octave - 2)
    return (wanted + quarter - 1) / quarter * quarter
  }

  /// Number of a size class, counted from the smallest.
  private static func classIndex(of capacity: Int) -> Int {
    let octave = Int.bitWidth - 1 - capacity.leadingZeroBitCount
    return (octave - smallest.trailingZeroBitCount) * 4 + (capacity >> (octave - 2)) & 3
  }

  /// Number of the calling thread's shelf.
  private static var ownShelf: Int { Int(attune_thread_number()) % shelfCount }

  func take(_ byteCount: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
    let wanted = Self.capacity(for: byteCount)
    var reused = wanted <= Self.largestSmall ? shelves[Self.ownShelf].take(wanted) : nil
    reused =
      reused
      ?? state.withLock { state in
        state.liveBytes += wanted
        guard let address = state.free[wanted]?.popLast() else { return nil }
        state.freeBytes -= wanted
        return address
      }
    if let reused, let pointer = UnsafeMutableRawPointer(bitPattern: reused) {
      return (pointer, wanted)
    }
    trim()
    return (Self.allocate(wanted), wanted)
  }

  func give(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
    let address = UInt(bitPattern: pointer)
    // What is on a shelf counts as in use.
    if capacity <= Self.largestSmall, shelves[Self.ownShelf].give(address, capacity) { return }
    state.withLock { state in
      state.free[capacity, default: []].append(address)
      state.freeBytes += capacity
      state.liveBytes -= capacity
    }
  }

  /// Before the process grows: what idles beyond the allowance is returned, largest first.
  private func trim() {
    let surplus: [(address: UInt, capacity: Int)] = state.withLock { state in
      var released: [(address: UInt, capacity: Int)] = []
      let allowed = max(Self.idleAllowance, state.liveBytes / 4)
      guard state.freeBytes > allowed else { return released }
      for capacity in state.free.keys.sorted(by: >) {
        while state.freeBytes > allowed, let address = state.free[capacity]?.popLast() {
          state.freeBytes -= capacity
          released.append((address, capacity))
        }
      }
      return released
    }
    for buffer in surplus {
      guard let pointer = UnsafeMutableRawPointer(bitPattern: buffer.address) else { continue }
      Self.deallocate(pointer, capacity: buffer.capacity)
    }
  }

  /// Large buffers get pages of their own, which go back to the system whole: in a heap each would leave a hole that fits no other.
  private static let leastMapped = 1 << 18

  private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    guard capacity >= leastMapped else {
      return .allocate(byteCount: capacity, alignment: alignment)
    }
    let pages = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pages, pages != MAP_FAILED else {
      preconditionFailure("no memory for \(capacity) bytes")
    }
    return pages
  }

  private static func deallocate(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
    if capacity >= leastMapped {
      munmap(pointer, capacity)
    } else {
      pointer.deallocate()
    }
  }
}
