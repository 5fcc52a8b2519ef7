// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  @Test("Small products in all four readings", arguments: Level.ofFloats)
  func smallProducts(level: Level) {
    level.use()
    defer { Level.leave() }
    for m in [0, 1, 3, 14, 15, 33] {
      for n in [0, 1, 7, 8, 16, 17, 32, 33, 70] {
        for k in [0, 1, 5, 32, 600] {
          for transposes in 0..<4 {
            checkSmallProduct(Float.self, transposes, m, n, k)
            checkSmallProduct(Double.self, transposes, m, n, k)
          }
        }
      }
    }
  }

  private func checkSmallProduct<Element: KernelNumber>(
    _: Element.Type, _ transposes: Int, _ m: Int, _ n: Int, _ k: Int
  ) {
    var numbers = Numbers(seed: UInt64(m + 100 * n))
    let (aRows, aColumns) = transposes & 1 == 0 ? (m, k) : (k, m)
    let (bRows, bColumns) = transposes & 2 == 0 ? (k, n) : (n, k)
    let (aLeading, bLeading, cLeading) = (aColumns + 1, bColumns + 2, n + 3)
    let a: [Element] = numbers.array(aRows * aLeading)
    let b: [Element] = numbers.array(bRows * bLeading)
    let start: [Element] = numbers.array(m * cLeading)
    for beta in [0, -0.5] {
      var c = start
      // NaN in C must not be read where beta is 0.
      if beta == 0 { for i in c.indices where i % cLeading < n { c[i] = .nan } }
      attune_small_gemm(
        Element.precision, Int32(transposes), m, n, k, 1.5, a, aLeading, b, bLeading, beta, &c,
        cLeading)
      var expected = start.map { Double($0) }
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0.0
          for p in 0..<k {
            let left = transposes & 1 == 0 ? a[i * aLeading + p] : a[p * aLeading + i]
            let right = transposes & 2 == 0 ? b[p * bLeading + j] : b[j * bLeading + p]
            sum += Double(left) * Double(right)
          }
          let old = beta == 0 ? 0 : beta * expected[i * cLeading + j]
          expected[i * cLeading + j] = 1.5 * sum + old
        }
      }
      expectClose(
        c, expected, tolerance: Element.tolerance * 9, "\(transposes): \(m) x \(n) x \(k)")
    }
  }

  @Test("Packed products with bias and activation", arguments: Level.ofFloats)
  func packedProducts(level: Level) {
    level.use()
    defer { Level.leave() }
    for (n, k) in [(1, 1), (16, 8), (31, 40), (33, 0), (64, 33), (130, 385), (40, 900)] {
      for (m, activation) in zip([1, 2, 3, 6, 14, 31, 71], ActivationCase.all) {
        checkPackedProduct(m, n, k, activation)
      }
    }
    var untouched: [Float] = [7]
    attune_packed_gemm(1, 0, 5, [1, 2, 3, 4, 5], 5, [], nil, ATTUNE_RELU, &untouched, 1)
    #expect(untouched == [7])
  }

  private func checkPackedProduct(_ m: Int, _ n: Int, _ k: Int, _ activation: ActivationCase) {
    var numbers = Numbers(seed: UInt64(m + n))
    let (aLeading, leading, cLeading) = (k + 1, k + 2, n + 1)
    let a: [Float] = numbers.array(m * aLeading)
    let weight: [Float] = numbers.array(n * leading)
    let bias: [Float] = numbers.array(n)
    var packed = [Float](repeating: 0, count: attune_packed_size(n, k))
    attune_pack(weight, leading, n, k, &packed)
    for isBiased in [true, false] {
      var c = [Float](repeating: 7, count: m * cLeading)
      attune_packed_gemm(
        m, n, k, a, aLeading, packed, isBiased ? bias : nil, activation.function, &c, cLeading)
      var expected = [Double](repeating: 7, count: m * cLeading)
      for i in 0..<m {
        for j in 0..<n {
          var sum = isBiased ? Double(bias[j]) : 0
          for p in 0..<k { sum += Double(a[i * aLeading + p]) * Double(weight[j * leading + p]) }
          expected[i * cLeading + j] = activation.value(sum)
        }
      }
      expectClose(c, expected, tolerance: 3e-5, "\(m) x \(n) x \(k)")
      checkRowsAlone(c, (m, n, k), a, aLeading, packed, isBiased ? bias : nil, activation)
    }
  }

  /// Computes the rows one by one, and in calls of a few.
  private func checkRowsAlone(
    _ whole: [Float], _ size: (m: Int, n: Int, k: Int), _ a: [Float], _ aLeading: Int,
    _ packed: [Float], _ bias: [Float]?, _ activation: ActivationCase
  ) {
    for step in [1, 2, 5, 20] {
      var parts = [Float](repeating: 7, count: whole.count)
      parts.withUnsafeMutableBufferPointer { result in
        for row in stride(from: 0, to: size.m, by: step) {
          attune_packed_gemm(
            min(step, size.m - row), size.n, size.k, Array(a[(row * aLeading)...]), aLeading,
            packed, bias, activation.function, result.baseAddress.map { $0 + row * (size.n + 1) },
            size.n + 1)
        }
      }
      expectSameBits(whole, parts, "\(size) in calls of \(step)")
    }
  }
}
