// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

/// All tests of the kernels.
@Suite("Kernels", .serialized)
struct KernelTests {
  /// Lengths around the widths of vectors.
  static let lengths = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100]

  @Test("A forced level is in use, or the highest supported one below it")
  func forcedLevel() {
    for level in Level.allCases {
      level.use()
      defer { Level.leave() }
      let supported = Level.allCases.filter { attune_supports_level($0.kernel) != 0 }
      let expected = supported.last { $0.rawValue <= level.rawValue } ?? .baseline
      #expect(attune_current_level() == expected.kernel)
    }
    #expect(Level.allCases.contains { attune_supported_level() == $0.kernel })
  }

  @Test("Whatever a processor has, no level with an instruction that it lacks is chosen")
  func levelsByFeatures() {
    let bits = (
      v3: UInt32(1), avxVNNI: UInt32(2), v4: UInt32(4), avx512VNNI: UInt32(8), bf16: UInt32(16)
    )
    // What Intel's and AMD's manuals ask for by the instructions that each level is compiled for.
    let needs: [Level: UInt32] = [
      .baseline: 0, .avx2: bits.v3, .avx2VNNI: bits.v3 | bits.avxVNNI, .avx512: bits.v4,
      .avx512VNNI: bits.v4 | bits.avx512VNNI,
      .avx512BF16: bits.v4 | bits.avx512VNNI | bits.bf16,
    ]
    for features in 0..<UInt32(32) {
      for limit in Level.allCases {
        let chosen = attune_level_with(features, limit.kernel)
        let fitting = Level.allCases.filter {
          $0.rawValue <= limit.rawValue && (needs[$0] ?? .max) & ~features == 0
        }
        #expect(chosen == fitting.last?.kernel)
      }
    }
    #expect(
      attune_level_with(attune_processor_features(), ATTUNE_LEVEL_AVX512_BF16)
        == attune_supported_level())
  }

  @Test("A wish for a level that is unknown or that the processor lacks is told")
  func levelProblems() {
    #expect(attune_level_problem(nil) == nil && attune_level_problem("") == nil)
    #expect(attune_level_problem("baseline") == nil)
    #expect(attune_level_problem("avx3").map { String(cString: $0) }?.contains("avx512") == true)
    for level in Level.allCases {
      let isThere = attune_supports_level(level.kernel) != 0
      #expect((attune_level_problem(attune_level_name(level.kernel)) == nil) == isThere)
    }
  }

  @Test("Levels have names, and only those")
  func levelNames() {
    for level in Level.allCases where attune_supports_level(level.kernel) != 0 {
      var found = attune_level(rawValue: 99)
      #expect(attune_level_named(attune_level_name(level.kernel), &found) != 0)
      #expect(found == level.kernel)
    }
    var untouched = attune_level(rawValue: 99)
    for name in ["", "avx", "AVX2", "avx2 ", "sse"] {
      #expect(attune_level_named(name, &untouched) == 0)
    }
    #expect(untouched.rawValue == 99)
  }
}

/// An instruction level to run a test at.
enum Level: UInt32, CaseIterable, Sendable {
  case baseline, avx2, avx2VNNI, avx512, avx512VNNI, avx512BF16

  /// Those at which the loops over floats differ.
  static let ofFloats: [Level] = [.baseline, .avx2, .avx512]

  var kernel: attune_level { attune_level(rawValue: rawValue) }

  /// Makes the kernels use this level on the calling thread.
  func use() {
    attune_force_level(kernel)
  }

  /// Undoes `use()`.
  static func leave() { attune_release_level() }
}

/// A number the kernels compute with.
protocol KernelNumber: BinaryFloatingPoint, BitwiseCopyable {
  static var precision: attune_precision { get }
  /// Relative error that a few roundings explain.
  static var tolerance: Double { get }
  var bits: UInt64 { get }
}

extension Float: KernelNumber {
  static var precision: attune_precision { ATTUNE_FLOAT32 }
  static var tolerance: Double { 3e-6 }
  var bits: UInt64 { UInt64(bitPattern) }
}

extension Double: KernelNumber {
  static var precision: attune_precision { ATTUNE_FLOAT64 }
  static var tolerance: Double { 1e-13 }
  var bits: UInt64 { bitPattern }
}

/// Repeatable numbers for inputs, made apart from the code under test.
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// The next number in -1 ..< 1.
  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 52) - 1
  }

  /// The next `count` numbers in -scale ..< scale, rounded to `Element`.
  mutating func array<Element: KernelNumber>(
    _ count: Int, scale: Double = 1, of type: Element.Type = Element.self
  ) -> [Element] {
    (0..<count).map { _ in Element(next() * scale) }
  }

  /// The next `count` integers in 0 ..< bound.
  mutating func indices(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32((next() + 1) / 2 * Double(bound)) }
  }
}

extension [Int32] {
  /// Bounds of groups of 0, 1, 2, 3, 0, ... that use up `total`.
  static func bounds(of total: Int) -> [Int32] {
    var bounds: [Int32] = [0]
    while Int(bounds[bounds.count - 1]) < total {
      let end = Int(bounds[bounds.count - 1]) + (bounds.count - 1) % 4
      bounds.append(Int32(Swift.min(end, total)))
    }
    return bounds + [Int32(total)]
  }
}

/// Records where `actual` leaves `expected`; NaN agrees with NaN.
func expectClose<Element: KernelNumber>(
  _ actual: [Element], _ expected: [Double], tolerance: Double = Element.tolerance,
  _ comment: @autoclosure () -> String = "", at location: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: location)
  for (index, (got, wanted)) in zip(actual, expected).enumerated() {
    let value = Double(got)
    let agrees =
      value == wanted || (value.isNaN && wanted.isNaN)
      || abs(value - wanted) <= tolerance * (1 + abs(wanted))
    if !agrees {
      let text = "\(Element.self)[\(index)] is \(value), not \(wanted). \(comment())"
      Issue.record("\(text)", sourceLocation: location)
      return
    }
  }
}

/// Records where the bits of two arrays differ.
func expectSameBits<Element: KernelNumber>(
  _ a: [Element], _ b: [Element], _ comment: @autoclosure () -> String = "",
  at location: SourceLocation = #_sourceLocation
) {
  let text = comment()
  #expect(a.map(\.bits) == b.map(\.bits), "\(text)", sourceLocation: location)
}
