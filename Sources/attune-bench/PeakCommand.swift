// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneSystem
import AttuneTensors
import CAttuneKernels

/// What the processor could reach: arithmetic in registers alone, and the memory.
struct PeakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak",
    abstract: "Measures multiplying and adding in registers, and reading and writing memory.")

  @Option(help: "Most threads; each number up to it is measured.") var threads = 2

  func validate() throws {
    guard (1...64).contains(threads) else {
      throw ValidationError("--threads must be in 1...64")
    }
  }

  func run() throws {
    for count in 1...threads {
      Parallel.threadCount = count
      var members: [(String, JSONValue)] = [
        ("benchmark", "peak"), ("threads", .integer(count)),
        ("level", .string(String(cString: attune_level_name(attune_current_level())))),
      ]
      for kind in Peak.allCases {
        members.append(("\(kind)_gops", .number(kind.operationsPerSecond() / 1e9)))
      }
      try Report.print(members + MemorySpeed().members)
    }
  }
}

/// A kind of arithmetic.
enum Peak: CaseIterable {
  case float32, bfloat16, int16, int8

  /// The arithmetic of products in a precision.
  init(_ products: ProductPrecision) {
    switch products {
    case .float32: self = .float32
    case .bfloat16: self = .bfloat16
    case .int16: self = .int16
    }
  }

  private var kernel: attune_peak_kind {
    switch self {
    case .float32: ATTUNE_PEAK_FLOAT32
    case .bfloat16: ATTUNE_PEAK_BFLOAT16
    case .int16: ATTUNE_PEAK_INT16
    case .int8: ATTUNE_PEAK_INT8
    }
  }

  /// The most of some short runs on all threads.
  func operationsPerSecond() -> Double {
    let (kernel, threads) = (kernel, Parallel.threadCount)
    let operations = Double(threads) * attune_peak(kernel, 100_000)
    return (0..<9).map { _ in
      operations
        / Stopwatch.seconds {
          Parallel.forEach(threads) { _ in _ = attune_peak(kernel, 100_000) }
        }
    }.max() ?? 0
  }
}

/// How fast memory beyond the caches is read and written.
private struct MemorySpeed {
  private static let bytes = 128 << 20

  /// Two arrays are added into a third; one is copied into another.
  var members: [(String, JSONValue)] {
    let threads = Parallel.threadCount
    let part = Self.bytes / threads / 4096 * 4096
    let arrays = (0..<3).map { _ in
      UnsafeMutableRawPointer.allocate(byteCount: Self.bytes, alignment: 4096)
    }
    defer { for array in arrays { array.deallocate() } }
    for array in arrays { memset(array, 0, Self.bytes) }
    func best(_ bytes: Int, _ body: (Int) -> Void) -> Double {
      (0..<7).map { _ in
        Double(threads * bytes) / Stopwatch.seconds { Parallel.forEach(threads, body) } / 1e9
      }.max() ?? 0
    }
    let added = best(3 * part) { index in
      let parts = arrays.map { $0 + index * part }
      attune_add(ATTUNE_FLOAT32, parts[0], parts[1], parts[2], part / 4)
    }
    let copied = best(2 * part) { memcpy(arrays[1] + $0 * part, arrays[0] + $0 * part, part) }
    return [("add_gb_per_second", .number(added)), ("copy_gb_per_second", .number(copied))]
  }
}
