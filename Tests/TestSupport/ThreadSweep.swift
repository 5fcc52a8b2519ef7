// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors
import Synchronization

/// Runs the same work with several numbers of threads.
public enum ThreadSweep {
  // The number of threads is one for the process, and tests run beside each other.
  private static let lock = Mutex(())

  /// Returns what `body` returns with 1, 2, 3 and 4 threads.
  public static func results<Result: Sendable>(
    _ body: () throws -> Result
  ) rethrows -> [Result] {
    try lock.withLock { _ in
      let before = Parallel.threadCount
      defer { Parallel.threadCount = before }
      return try (1...4).map { threads in
        Parallel.threadCount = threads
        return try body()
      }
    }
  }

  /// Returns the bytes of the tensors that `body` returns, with 1, 2, 3 and 4 threads.
  public static func bytes(_ body: () -> [Tensor]) -> [[[UInt8]]] {
    results { body().map { $0.withUnsafeBytes { Array($0) } } }
  }
}
