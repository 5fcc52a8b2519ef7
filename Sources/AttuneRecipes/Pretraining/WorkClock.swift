// SPDX-License-Identifier: Apache-2.0

internal import AttuneTraining

/// Time as it passes, and as processors spend it on this process.
struct WorkClock {
  /// What a clock shows, or the difference of two readings.
  struct Reading: Equatable {
    /// Seconds.
    var wall = 0.0
    /// Seconds of all threads together.
    var processor = 0.0
    /// How often a thread lost its processor to another program.
    var interruptions = 0

    func since(_ earlier: Reading) -> Reading {
      Reading(
        wall: wall - earlier.wall, processor: processor - earlier.processor,
        interruptions: interruptions - earlier.interruptions)
    }

    static func + (a: Reading, b: Reading) -> Reading {
      Reading(
        wall: a.wall + b.wall, processor: a.processor + b.processor,
        interruptions: a.interruptions + b.interruptions)
    }
  }

  let now: () -> Reading

  /// The machine's clocks.
  static var system: WorkClock {
    let start = ContinuousClock.now
    return WorkClock {
      let use = ProcessorUse.current
      return Reading(
        wall: (ContinuousClock.now - start) / .seconds(1), processor: use.seconds,
        interruptions: use.interruptions)
    }
  }
}
