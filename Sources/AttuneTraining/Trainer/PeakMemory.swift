// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// The most memory the process ever held.
public enum PeakMemory {
  /// Resident bytes at their highest, as `getrusage` counts them, in MiB.
  public static var mebibytes: Double {
    var usage = rusage()
    guard getrusage(ownProcess, &usage) == 0 else { return 0 }
    #if os(macOS)
      return Double(usage.ru_maxrss) / 1_048_576
    #else
      return Double(usage.ru_maxrss) / 1024
    #endif
  }

  #if os(macOS)
    private static let ownProcess = RUSAGE_SELF
  #else
    private static let ownProcess = __rusage_who_t(0)
  #endif
}
