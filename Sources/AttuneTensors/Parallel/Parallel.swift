// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// Runs pieces of work on the process-wide pool.
///
/// How work is cut depends on its size alone, never on the number of threads, so results are the same bits for any
/// number of them.
public enum Parallel {
  /// Threads in use, the calling one included. Set it before computing, not during.
  public static var threadCount: Int {
    get { attune_thread_count() }
    set { attune_set_thread_count(max(1, newValue)) }
  }

  /// Whether `forEach` calls its body on this thread alone: inside a body of another `forEach`, or with one thread.
  static var isAlone: Bool { attune_runs_alone() != 0 }

  private struct Context {
    let body: (Int) -> Void
  }

  /// Calls `body` once for each index below `count` and returns when all calls have.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard count > 1 else {
      if count == 1 { body(0) }
      return
    }
    withoutActuallyEscaping(body) { escapable in
      var context = Context(body: escapable)
      withUnsafeMutablePointer(to: &context) { pointer in
        attune_parallel(
          count,
          { raw, index in raw?.assumingMemoryBound(to: Context.self).pointee.body(index) },
          pointer)
      }
    }
  }

  /// Elements below which one thread is faster than two (about 20 microseconds of element-wise work).
  private static let elementsPerChunk = 1 << 15

  /// Cuts `rows` of `columns` elements into chunks and calls `body` with each range of rows.
  static func forRows(_ rows: Int, columns: Int, _ body: (Range<Int>) -> Void) {
    let chunk = rowsPerChunk(columns: columns)
    forEach((rows + chunk - 1) / chunk) { index in
      body(index * chunk..<min(rows, (index + 1) * chunk))
    }
  }

  /// Rows of `columns` elements that make one chunk.
  static func rowsPerChunk(columns: Int) -> Int { max(1, elementsPerChunk / max(1, columns)) }

  /// Cuts `count` elements into chunks and calls `body` with each range.
  static func forElements(_ count: Int, _ body: (Range<Int>) -> Void) {
    forRows(count, columns: 1, body)
  }
}

extension Parallel {
  /// Returns what `body` gives for each index below `count`, in their order; `chunk` neighbours are one piece of work.
  public static func map<Element>(
    _ count: Int, chunk: Int = 1, _ body: (Int) -> Element
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let base = buffer.baseAddress
      forEach((count + chunk - 1) / chunk) { piece in
        for index in piece * chunk..<min(count, (piece + 1) * chunk) {
          base?.advanced(by: index).initialize(to: body(index))
        }
      }
      initialized = count
    }
  }

  /// Returns what both bodies give, which run at the same time; of two errors the first body's is thrown.
  public static func both<First, Second>(
    _ first: () throws -> First, _ second: () throws -> Second
  ) throws -> (First, Second) {
    var one: Result<First, any Error>?
    var other: Result<Second, any Error>?
    withUnsafeMutablePointer(to: &one) { one in
      withUnsafeMutablePointer(to: &other) { other in
        forEach(2) { index in
          if index == 0 {
            one.pointee = Result { try first() }
          } else {
            other.pointee = Result { try second() }
          }
        }
      }
    }
    guard let one, let other else { preconditionFailure("a body was not called") }
    return (try one.get(), try other.get())
  }
}
