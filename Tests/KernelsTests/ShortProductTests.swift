// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

extension KernelTests {
  @Test("Products with 16-bit numbers in all four readings", arguments: Level.allCases)
  func shortProducts(level: Level) {
    level.use()
    defer { Level.leave() }
    for (n, k) in [(1, 1), (31, 3), (33, 0), (64, 33), (77, 130), (20, 643)] {
      for m in [1, 2, 5, 14, 31, 113] {
        for transposes in 0..<4 {
          for format in ShortFormat.allCases {
            checkShortProduct(ShortProduct(format, transposes, m, n, k))
          }
        }
      }
    }
  }

  private func checkShortProduct(_ product: ShortProduct) {
    for accumulates in [false, true] {
      let found = product.computed(accumulates: accumulates)
      for i in 0..<product.m {
        for j in 0..<product.n {
          let (expected, bound) = product.expected(i, j, accumulates: accumulates)
          let got = Double(found[i * product.resultLeading + j])
          guard abs(got - expected) <= bound else {
            Issue.record("\(product.name): [\(i), \(j)] is \(got), not \(expected)")
            return
          }
        }
        let gap = (product.n..<product.resultLeading).map { i * product.resultLeading + $0 }
        #expect(gap.allSatisfy { found[$0] == product.start[$0] }, "\(product.name): gap")
      }
    }
  }

  @Test(
    "A row of a product with 16-bit numbers depends on that row alone", arguments: Level.allCases)
  func shortRowsAlone(level: Level) {
    level.use()
    defer { Level.leave() }
    for format in ShortFormat.allCases {
      for (n, k) in [(33, 40), (70, 385), (20, 1300)] {
        for (transposes, activation) in [(0, ATTUNE_GELU), (1, ATTUNE_IDENTITY), (2, ATTUNE_TANH)] {
          let product = ShortProduct(format, transposes, 120, n, k)
          let whole = product.computed(accumulates: false, then: activation)
          for step in [1, 2, 13, 50] {
            let parts = product.computed(accumulates: false, then: activation, rowsPerCall: step)
            expectSameBits(whole, parts, "\(product.name) in calls of \(step)")
          }
        }
      }
    }
  }

  @Test("Packed forms of 16-bit numbers are the same at every level")
  func shortPacking() {
    for format in ShortFormat.allCases {
      for transposes in [0, 2] {
        let product = ShortProduct(format, transposes, 1, 75, 301)
        let forms = Level.allCases.map { level in
          level.use()
          defer { Level.leave() }
          return product.packed()
        }
        #expect(forms.allSatisfy { $0 == forms[0] }, "\(product.name)")
      }
    }
  }

  @Test(
    "BFloat16 rounds to nearest, ties to even; infinity and NaN pass", arguments: Level.allCases)
  func bfloatRounding(level: Level) {
    level.use()
    defer { Level.leave() }
    let step: Float = 0x1p-7
    let cases: [(Float, Float)] = [
      (1 + step / 2, 1), (1 + step * 1.5, 1 + step * 2), (-1 - step * 1.5, -1 - step * 2),
      ((1 + step / 2).nextUp, 1 + step), (3e38, 0x1.C4p+127), (.greatestFiniteMagnitude, .infinity),
      (.infinity, .infinity), (-.infinity, -.infinity), (.nan, .nan), (0, 0), (-0.0, 0),
      (Float(bitPattern: 0x7f80_0001), .nan), (0x1p-126, 0x1p-126),
    ]
    for (value, expected) in cases {
      for (left, right) in [(value, 1), (1, value)] as [(Float, Float)] {
        let result = ShortProduct.single(.bfloat16, left, right)
        #expect(
          result == expected || (result.isNaN && expected.isNaN), "\(left) * \(right): \(result)")
      }
    }
    let denormal = ShortProduct.single(.bfloat16, 0x1p-130, 1)
    #expect(denormal == 0x1p-130 || denormal == 0)
    #expect(ShortProduct.single(.bfloat16, .infinity, 0).isNaN)
  }

  @Test(
    "Integers of any magnitude; what is not finite spoils its row or column",
    arguments: Level.allCases)
  func int16Extremes(level: Level) {
    level.use()
    defer { Level.leave() }
    let cases: [(Float, Float)] = [
      (1e-34, 1e32), (1e32, 0.5), (1e32, -1e6), (0, 3e38), (0x1p-149, 1), (0x1p-126, 1), (-2, 3),
    ]
    for (left, right) in cases {
      let (result, expected) = (ShortProduct.single(.int16, left, right), left * right)
      #expect(abs(result - expected) <= abs(expected) * 0x1p-21 + 0x1p-125, "\(left) * \(right)")
    }
    for wrong in [Float.nan, .infinity, -.infinity] {
      var product = ShortProduct(.int16, 2, 20, 40, 150)
      product.a[7 * product.aLeading + 3] = wrong
      product.b[11 * product.bLeading + 149] = wrong
      let result = product.computed(accumulates: false)
      for i in 0..<20 {
        for j in 0..<40 {
          #expect(result[i * product.resultLeading + j].isNaN == (i == 7 || j == 11))
        }
      }
    }
  }
}

/// A kind of 16-bit number.
enum ShortFormat: CaseIterable, Sendable {
  case bfloat16, int16

  var kernel: attune_short_format { self == .bfloat16 ? ATTUNE_BFLOAT16 : ATTUNE_INT16 }
}

/// op(a)[m][k] . op(b)[k][n] with gaps between the rows of all matrices.
struct ShortProduct {
  let format: ShortFormat
  let transposes: Int
  let (m, n, k): (Int, Int, Int)
  let (aLeading, bLeading, resultLeading): (Int, Int, Int)
  var a: [Float]
  var b: [Float]
  let start: [Float]

  init(_ format: ShortFormat, _ transposes: Int, _ m: Int, _ n: Int, _ k: Int) {
    (self.format, self.transposes, self.m, self.n, self.k) = (format, transposes, m, n, k)
    let (transposesA, transposesB) = (transposes & 1 != 0, transposes & 2 != 0)
    (aLeading, bLeading, resultLeading) = (
      (transposesA ? m : k) + 1, (transposesB ? k : n) + 2, n + 3
    )
    var numbers = Numbers(seed: UInt64(m + 100 * n + k))
    a = numbers.array((transposesA ? k : m) * aLeading)
    b = numbers.array((transposesB ? n : k) * bLeading)
    start = numbers.array(m * resultLeading)
  }

  var name: String { "\(format), reading \(transposes): \(m) x \(n) x \(k)" }

  private func left(_ i: Int, _ p: Int) -> Float {
    transposes & 1 != 0 ? a[p * aLeading + i] : a[i * aLeading + p]
  }

  private func right(_ p: Int, _ j: Int) -> Float {
    transposes & 2 != 0 ? b[j * bLeading + p] : b[p * bLeading + j]
  }

  /// The product of two numbers.
  static func single(_ format: ShortFormat, _ left: Float, _ right: Float) -> Float {
    var product = ShortProduct(format, 0, 1, 1, 1)
    (product.a[0], product.b[0]) = (left, right)
    return product.computed(accumulates: false)[0]
  }

  /// The panels, the first one packed apart from the others.
  func packed() -> [UInt8] {
    let size = attune_short_panel_size(format.kernel, k)
    let panel = Int(ATTUNE_PANEL_COLUMNS)
    // More than asked for, filled with what must be overwritten or left alone.
    var bytes = [UInt8](repeating: 0x7f, count: (n + panel - 1) / panel * size + 64)
    bytes.withUnsafeMutableBytes { target in
      b.withUnsafeBufferPointer { source in
        for columns in [0..<min(n, panel), min(n, panel)..<n] where !columns.isEmpty {
          let first = columns.lowerBound
          attune_short_pack(
            format.kernel, transposes >> 1 & 1 == 0 ? 0 : 1,
            source.baseAddress.map { $0 + first * (transposes & 2 != 0 ? bLeading : 1) }, bLeading,
            columns.count, k, target.baseAddress.map { $0 + first / panel * size })
        }
      }
    }
    #expect(bytes.suffix(64).allSatisfy { $0 == 0x7f }, "\(name): written beyond the end")
    return bytes
  }

  /// The product, in calls of some rows each.
  func computed(
    accumulates: Bool, then activation: attune_activation = ATTUNE_IDENTITY, rowsPerCall: Int? = nil
  ) -> [Float] {
    let (packed, step) = (packed(), rowsPerCall ?? m)
    var result = start
    // NaN in the result must not be read where it is overwritten.
    if !accumulates { for i in result.indices where i % resultLeading < n { result[i] = .nan } }
    let bias: [Float]? = activation == ATTUNE_IDENTITY ? nil : Array(start.prefix(n))
    result.withUnsafeMutableBufferPointer { result in
      a.withUnsafeBufferPointer { a in
        for row in stride(from: 0, to: m, by: step) {
          attune_short_gemm(
            format.kernel, Int32(transposes & 1), min(step, m - row), n, k,
            a.baseAddress.map { $0 + row * (transposes & 1 != 0 ? 1 : aLeading) }, aLeading,
            packed, accumulates ? 1 : 0, bias, activation,
            result.baseAddress.map { $0 + row * resultLeading }, resultLeading)
        }
      }
    }
    return result
  }

  /// An element, and how far rounding may move it.
  func expected(_ i: Int, _ j: Int, accumulates: Bool) -> (value: Double, bound: Double) {
    let before = accumulates ? Double(start[i * resultLeading + j]) : 0
    var (sum, size) = (before, abs(before))
    var (leftSum, rightSum, leftMost, rightMost) = (0.0, 0.0, 0.0, 0.0)
    for p in 0..<k {
      let (left, right) = (Double(left(i, p)), Double(right(p, j)))
      sum += left * right
      size += abs(left * right)
      (leftSum, rightSum) = (leftSum + abs(left), rightSum + abs(right))
      (leftMost, rightMost) = (max(leftMost, abs(left)), max(rightMost, abs(right)))
    }
    let summation = size * Double(k + 4) * 0x1p-24
    switch format {
    // Each factor is off by at most half a unit in its eighth bit: 1 / 256 of it.
    case .bfloat16: return (sum, size * (0x1p-7 + 0x1p-16) + summation)
    // Each factor is off by at most half a step, and a step is 1 / 4095 of the largest magnitude; the scales round.
    case .int16:
      let (leftStep, rightStep) = (leftMost / 8190, rightMost / 8190)
      let rounding = leftStep * rightSum + rightStep * leftSum + Double(k) * leftStep * rightStep
      return (sum, rounding * 1.01 + summation + size * 0x1p-20)
    }
  }
}
