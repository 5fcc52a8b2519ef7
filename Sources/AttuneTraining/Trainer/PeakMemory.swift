// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// The most memory the process ever held.
public enum PeakMemory {
  /// Resident bytes at their highest, as `getrusage` counts them, in MiB.
  public static var mebibytes: Double {
    #if os(macOS)
      return Double(rusage.current.ru_maxrss) / 1_048_576
    #else
      return Double(rusage.current.ru_maxrss) / 1024
    #endif
  }
}

/// What the processors did for the process since it began.
public struct ProcessorUse: Sendable, Equatable {
  /// Seconds of all threads together, those of the system for them included.
  public let seconds: Double
  /// How often the system took a processor from a thread that still had work, for another program or for a quota.
  public let interruptions: Int

  /// Processors that there are.
  public static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Until now.
  public static var current: ProcessorUse {
    let usage = rusage.current
    return ProcessorUse(
      seconds: usage.ru_utime.seconds + usage.ru_stime.seconds,
      interruptions: Int(usage.ru_nivcsw))
  }
}

extension rusage {
  /// What the process has used; zeros where the system does not tell.
  fileprivate static var current: rusage {
    var usage = rusage()
    return getrusage(ownProcess, &usage) == 0 ? usage : rusage()
  }

  #if os(macOS)
    private static let ownProcess = RUSAGE_SELF
  #else
    private static let ownProcess = __rusage_who_t(0)
  #endif
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
