// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Keeps released buffers for the next tensor of about the same size.
///
/// A training step allocates and releases the same hundreds of megabytes again and again; asking the system each time
/// would spend more on page faults than on layer norms. Buffers live in size classes, four to an octave, so at most a
/// fifth of one is unused.
final class BufferPool: Sendable {
  static let shared = BufferPool()

  private struct State {
    var free: [Int: [UInt]] = [:]
    var freeBytes = 0
    var liveBytes = 0
  }

  private let state = Mutex(State())
  private static let alignment = 128
  /// What may lie idle beside what is in use; beyond it, released memory goes back to the system.
  private static let idleAllowance = 48 << 20

  /// Smallest size class that holds `byteCount`: 4, 5, 6 or 7 times a power of two.
  static func capacity(for byteCount: Int) -> Int {
    let wanted = max(byteCount, 512)
    let octave = Int.bitWidth - 1 - (wanted - 1).leadingZeroBitCount
    let quarter = 1 << max(0, octave - 2)
    return (wanted + quarter - 1) / quarter * quarter
  }

  func take(_ byteCount: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
    let wanted = Self.capacity(for: byteCount)
    let reused: UInt? = state.withLock { state in
      state.liveBytes += wanted
      guard let address = state.free[wanted]?.popLast() else { return nil }
      state.freeBytes -= wanted
      return address
    }
    if let reused, let pointer = UnsafeMutableRawPointer(bitPattern: reused) {
      return (pointer, wanted)
    }
    trim()
    return (
      UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: Self.alignment), wanted
    )
  }

  func give(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
    state.withLock { state in
      state.free[capacity, default: []].append(UInt(bitPattern: pointer))
      state.freeBytes += capacity
      state.liveBytes -= capacity
    }
  }

  /// Before the process grows: what idles beyond the allowance is returned, largest first.
  private func trim() {
    let surplus: [UInt] = state.withLock { state in
      var released: [UInt] = []
      let allowed = max(Self.idleAllowance, state.liveBytes / 4)
      guard state.freeBytes > allowed else { return released }
      for capacity in state.free.keys.sorted(by: >) {
        while state.freeBytes > allowed, let address = state.free[capacity]?.popLast() {
          state.freeBytes -= capacity
          released.append(address)
        }
      }
      return released
    }
    for address in surplus {
      UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }
  }
}
