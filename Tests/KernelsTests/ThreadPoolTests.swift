// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Synchronization
import Testing

/// Counts how often each index was seen.
final class Visits: Sendable {
  private let counts: Mutex<[Int]>
  let inner: Int

  init(_ count: Int, inner: Int = 0) {
    counts = Mutex([Int](repeating: 0, count: count))
    self.inner = inner
  }

  var all: [Int] { counts.withLock { $0 } }

  func visit(_ index: Int) {
    counts.withLock { $0[index] += 1 }
  }

  /// Visits each index below `count` by the pool; with `inner`, each through a nested call.
  func run(_ count: Int) {
    attune_parallel(
      count,
      { context, index in
        guard let context else { return }
        let visits = Unmanaged<Visits>.fromOpaque(context).takeUnretainedValue()
        guard visits.inner > 0 else { return visits.visit(index) }
        let nested = Visits(visits.inner)
        nested.run(visits.inner)
        if nested.all.allSatisfy({ $0 == 1 }) { visits.visit(index) }
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

/// Tells at which level each index is computed.
private final class LevelVisits: Sendable {
  private let found = Mutex<Set<UInt32>>([])

  var levels: Set<UInt32> { found.withLock { $0 } }

  func run(_ count: Int) {
    attune_parallel(
      count,
      { context, _ in
        guard let context else { return }
        let visits = Unmanaged<LevelVisits>.fromOpaque(context).takeUnretainedValue()
        Thread.sleep(forTimeInterval: 2e-5)
        let level = attune_current_level().rawValue
        visits.found.withLock { _ = $0.insert(level) }
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

extension KernelTests {
  /// Calls `body` with the pool at `threads`, then restores its size.
  private func with(threads: Int, _ body: () -> Void) {
    let before = attune_thread_count()
    attune_set_thread_count(threads)
    body()
    attune_set_thread_count(before)
  }

  @Test("Each index is visited once, whatever the number of threads", arguments: 1...8)
  func eachIndexOnce(threads: Int) {
    with(threads: threads) {
      #expect(attune_thread_count() == threads)
      for count in [0, 1, 2, 3, 7, 100] {
        for _ in 0..<50 {
          let visits = Visits(count)
          visits.run(count)
          #expect(visits.all.allSatisfy { $0 == 1 })
        }
      }
    }
  }

  @Test("Nested calls run on the thread that makes them", arguments: [1, 2, 4])
  func nestedCalls(threads: Int) {
    with(threads: threads) {
      let visits = Visits(50, inner: 9)
      visits.run(50)
      #expect(visits.all.allSatisfy { $0 == 1 })
    }
  }

  @Test("Workers compute at the level that their caller is forced to, and no longer")
  func forcedLevels() {
    func levels() -> Set<UInt32> {
      let visits = LevelVisits()
      // Enough of them that no thread is done before another joins.
      visits.run(200)
      return visits.levels
    }
    with(threads: 4) {
      let usual = attune_current_level().rawValue
      for level in Level.allCases {
        level.use()
        #expect(levels() == [attune_current_level().rawValue])
        Level.leave()
        #expect(levels() == [usual])
      }
    }
  }

  @Test("Concurrent callers do not disturb each other")
  func concurrentCallers() {
    with(threads: 3) {
      let finished = Mutex(0)
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        for count in 1..<100 {
          let visits = Visits(count)
          visits.run(count)
          if visits.all.allSatisfy({ $0 == 1 }) { finished.withLock { $0 += 1 } }
        }
      }
      #expect(finished.withLock { $0 } == 4 * 99)
    }
  }

  @Test("Workers that fell asleep come back")
  func sleepingWorkers() {
    with(threads: 2) {
      for _ in 0..<10 {
        usleep(3000)
        let visits = Visits(10)
        visits.run(10)
        #expect(visits.all.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test("The number of threads stays between 1 and 64")
  func threadLimits() {
    with(threads: 0) { #expect(attune_thread_count() == 1) }
    with(threads: 1000) { #expect(attune_thread_count() == 64) }
  }
}
