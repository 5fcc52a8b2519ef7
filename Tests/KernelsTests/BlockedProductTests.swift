// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

extension KernelTests {
  @Test("Blocked products in all four readings, packed in parts", arguments: Level.ofFloats)
  func blockedProducts(level: Level) {
    level.use()
    defer { Level.leave() }
    for (n, k) in [(1, 1), (31, 40), (33, 0), (64, 33), (130, 257), (40, 900)] {
      for m in [1, 3, 13, 14, 31, 113, 230] {
        for transposes in 0..<4 { checkBlockedProduct(transposes, m, n, k) }
      }
    }
  }

  private func checkBlockedProduct(_ transposes: Int, _ m: Int, _ n: Int, _ k: Int) {
    var numbers = Numbers(seed: UInt64(m + 100 * n))
    let (transposesA, transposesB) = (transposes & 1 != 0, transposes & 2 != 0)
    let (aLeading, bLeading, cLeading) = (
      (transposesA ? m : k) + 1, (transposesB ? k : n) + 2, n + 3
    )
    let a: [Float] = numbers.array((transposesA ? k : m) * aLeading)
    let b: [Float] = numbers.array((transposesB ? n : k) * bLeading)
    let start: [Float] = numbers.array(m * cLeading)
    let packed = packedInParts(b, bLeading, isTransposed: transposesB, n, k)
    for accumulates in [false, true] {
      var c = start
      // NaN in C must not be read where it is overwritten.
      if !accumulates { for i in c.indices where i % cLeading < n { c[i] = .nan } }
      attune_blocked_gemm(
        transposesA ? 1 : 0, m, n, k, a, aLeading, packed, accumulates ? 1 : 0, &c, cLeading)
      var expected = start.map { Double($0) }
      for i in 0..<m {
        for j in 0..<n {
          var sum = accumulates ? expected[i * cLeading + j] : 0
          for p in 0..<k {
            let left = transposesA ? a[p * aLeading + i] : a[i * aLeading + p]
            let right = transposesB ? b[j * bLeading + p] : b[p * bLeading + j]
            sum += Double(left) * Double(right)
          }
          expected[i * cLeading + j] = sum
        }
      }
      expectClose(c, expected, tolerance: 3e-5, "\(transposes): \(m) x \(n) x \(k)")
    }
  }

  /// The first panel apart from the others.
  private func packedInParts(
    _ b: [Float], _ leading: Int, isTransposed: Bool, _ n: Int, _ k: Int
  ) -> [Float] {
    var packed = [Float](repeating: 7, count: attune_packed_size(n, k))
    let panel = Int(ATTUNE_PANEL_COLUMNS)
    b.withUnsafeBufferPointer { b in
      packed.withUnsafeMutableBufferPointer { packed in
        guard let source = b.baseAddress, let target = packed.baseAddress else { return }
        for columns in [0..<min(n, panel), min(n, panel)..<n] {
          let first = columns.lowerBound
          attune_pack_factor(
            isTransposed ? 1 : 0, source + first * (isTransposed ? leading : 1), leading,
            columns.count, k, target + first * k)
        }
      }
    }
    return packed
  }

  @Test("Activation and derivative in one pass are those of two", arguments: Level.ofFloats)
  func activationsWithDerivatives(level: Level) {
    level.use()
    defer { Level.leave() }
    for activation in ActivationCase.all {
      for count in Self.lengths {
        checkBoth(Float.self, activation.function, count)
        checkBoth(Double.self, activation.function, count)
      }
    }
  }

  private func checkBoth<Element: KernelNumber>(
    _: Element.Type, _ function: attune_activation, _ count: Int
  ) {
    var numbers = Numbers(seed: UInt64(count))
    let x: [Element] = numbers.array(count, scale: 6)
    let gradient: [Element] = numbers.array(count)
    var (activated, product) = (x, gradient)
    attune_activate_both(Element.precision, function, x, &activated, &product, count)
    var (expected, slopes) = (x, gradient)
    attune_activate(Element.precision, function, x, &expected, count)
    attune_activate_backward(Element.precision, function, x, gradient, &slopes, count)
    expectSameBits(activated, expected, "\(function) of \(count)")
    expectSameBits(product, slopes, "\(function)' of \(count)")
  }
}
