// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

extension KernelTests {
  @Test("Rows are quantised to the nearest of 255 steps", arguments: Level.allCases)
  func int8Quantization(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths + [130, 1000] {
      var numbers = Numbers(seed: UInt64(columns))
      let leading = columns + 2
      let x: [Float] = numbers.array(3 * leading)
      let (integers, scales) = quantized(x, leading, 3, columns)
      for row in 0..<3 {
        let values = x[row * leading..<row * leading + columns]
        let largest = values.map(abs).max() ?? 0
        if columns > 0 { #expect(abs(scales[row] * 127 - largest) <= largest * 0x1p-22) }
        for (value, integer) in zip(values, integers[(row * columns)...]) {
          #expect((-127...127).contains(integer))
          #expect(abs(Float(integer) * scales[row] - value) <= scales[row] * 0.50001)
        }
      }
    }
  }

  @Test("Rows of zeros, of denormals and with infinities are quantised", arguments: Level.allCases)
  func int8Extremes(level: Level) {
    level.use()
    defer { Level.leave() }
    for tiny in [0, 0x1p-149, 0x1p-133, 0x1p-126, 1e-30] as [Float] {
      let (integers, scales) = quantized([tiny, -tiny, 0], 3, 1, 3)
      #expect(abs(Float(integers[0]) * scales[0] - tiny) <= max(tiny * 0x1p-8, 0x1p-120))
      #expect(integers[1] == -integers[0] && integers[2] == 0)
    }
    for wrong in [Float.nan, .infinity, -.infinity] {
      #expect(quantized([1, wrong, 2], 3, 1, 3).scales[0].isNaN)
    }
  }

  private func quantized(
    _ x: [Float], _ leading: Int, _ rows: Int, _ columns: Int
  ) -> (integers: [Int8], scales: [Float]) {
    var integers = [Int8](repeating: 99, count: rows * columns)
    var scales = [Float](repeating: 7, count: rows)
    attune_int8_quantize(x, leading, rows, columns, &integers, &scales)
    return (integers, scales)
  }

  @Test("Products of bytes are exact but for the scales", arguments: Level.allCases)
  func int8Products(level: Level) {
    level.use()
    defer { Level.leave() }
    for (n, k) in [(1, 1), (31, 3), (33, 0), (64, 34), (130, 129), (16, 1025), (40, 2100)] {
      for (m, activation) in zip([1, 2, 3, 6, 14, 31, 113], ActivationCase.all) {
        checkInt8Product(m, n, k, activation)
      }
    }
  }

  @Test("Sums of the largest bytes do not overflow", arguments: Level.allCases)
  func int8Saturation(level: Level) {
    level.use()
    defer { Level.leave() }
    let k = 8192
    for (left, right) in [(1, 1), (-1, 1), (1, -1), (-1, -1)] as [(Float, Int8)] {
      for m in [1, 3] {
        let packed = packedBytes([Int8](repeating: right * 127, count: 5 * k), [1, 1, 1, 1, 1], k)
        var c = [Float](repeating: 7, count: m * 5)
        // One of the other sign, so that the others lie as far from the middle as can be.
        let a = (0..<m * k).map { $0.isMultiple(of: k) ? -left : left }
        attune_int8_gemm(m, 5, k, a, k, packed, nil, ATTUNE_IDENTITY, &c, 5)
        let expected = Double(left) * Double(right) * 127 * Double(k - 2)
        expectClose(c, [Double](repeating: expected, count: m * 5), tolerance: 1e-6)
      }
    }
  }

  private func packedBytes(_ weight: [Int8], _ scales: [Float], _ k: Int) -> [UInt8] {
    let size = attune_int8_packed_size(scales.count, k)
    var packed = [UInt8](repeating: 0x7f, count: size + 64)
    attune_int8_pack(weight, scales, scales.count, k, &packed)
    #expect(packed.suffix(64).allSatisfy { $0 == 0x7f })
    return packed
  }

  /// A row as its distances from the middle of its numbers, in steps of which the largest distance has 127.
  private func centred(
    _ row: ArraySlice<Float>
  ) -> (integers: [Int], scale: Double, middle: Double) {
    guard let least = row.min(), let greatest = row.max() else { return ([], 0, 0) }
    let middle = least * 0.5 + greatest * 0.5
    let distance = max(middle - least, greatest - middle)
    let inverse = distance > 0 ? 127 / distance : 0
    return (
      row.map { Int((($0 - middle) * inverse).rounded(.toNearestOrEven)) },
      Double(distance / 127), Double(middle)
    )
  }

  @Test("Rows far from zero lose no more than rows around it", arguments: Level.allCases)
  func int8Middles(level: Level) {
    level.use()
    defer { Level.leave() }
    let (n, k) = (40, 200)
    var numbers = Numbers(seed: 9)
    let noise: [Float] = numbers.array(k)
    let (weight, scales) = quantized(numbers.array(n * k), k, n, k)
    let packed = packedBytes(weight, scales, k)
    for shift in [0, 1, -3, 40] as [Float] {
      var c = [Float](repeating: 7, count: n)
      attune_int8_gemm(1, n, k, noise.map { $0 + shift }, k, packed, nil, ATTUNE_IDENTITY, &c, n)
      for j in 0..<n {
        let meant = (0..<k).reduce(0.0) { sum, p in
          sum + Double(noise[p] + shift) * Double(weight[j * k + p]) * Double(scales[j])
        }
        #expect(abs(Double(c[j]) - meant) < 0.2)
      }
    }
    // Neighbouring numbers, between which no middle fits.
    let (one, next) = (Float(5), Float(5).nextUp)
    var c = [Float](repeating: 7, count: n)
    attune_int8_gemm(
      1, n, k, (0..<k).map { $0.isMultiple(of: 2) ? one : next }, k, packed, nil,
      ATTUNE_IDENTITY, &c, n)
    for j in 0..<n {
      let total = (0..<k).reduce(0) { $0 + Int(weight[j * k + $1]) }
      #expect(abs(Double(c[j]) - 5 * Double(total) * Double(scales[j])) < 1e-3)
    }
  }

  private func checkInt8Product(_ m: Int, _ n: Int, _ k: Int, _ activation: ActivationCase) {
    var numbers = Numbers(seed: UInt64(m + n))
    let (aLeading, cLeading) = (k + 1, n + 1)
    let a: [Float] = numbers.array(m * aLeading)
    let (weight, scales) = quantized(numbers.array(n * k), k, n, k)
    let left = (0..<m).map { centred(a[$0 * aLeading..<$0 * aLeading + k]) }
    let bias: [Float] = numbers.array(n)
    let packed = packedBytes(weight, scales, k)
    for isBiased in [true, false] {
      var expected = [Double](repeating: 7, count: m * cLeading)
      for i in 0..<m {
        for j in 0..<n {
          var (sum, total) = (0, 0)
          for p in 0..<k {
            sum += left[i].integers[p] * Int(weight[j * k + p])
            total += Int(weight[j * k + p])
          }
          let row = Double(sum) * left[i].scale + Double(total) * left[i].middle
          let scaled = row * Double(scales[j])
          expected[i * cLeading + j] = activation.value(scaled + (isBiased ? Double(bias[j]) : 0))
        }
      }
      for step in [m, 1, 5] {
        var c = [Float](repeating: 7, count: m * cLeading)
        c.withUnsafeMutableBufferPointer { c in
          for row in stride(from: 0, to: m, by: step) {
            attune_int8_gemm(
              min(step, m - row), n, k, Array(a[(row * aLeading)...]), aLeading, packed,
              isBiased ? bias : nil, activation.function, c.baseAddress.map { $0 + row * cLeading },
              cLeading)
          }
        }
        expectClose(c, expected, tolerance: 3e-6, "\(m) x \(n) x \(k) in calls of \(step)")
      }
    }
  }

  @Test("A row of a product of bytes depends on that row alone", arguments: Level.allCases)
  func int8RowsAlone(level: Level) {
    level.use()
    defer { Level.leave() }
    let (m, n, k) = (120, 45, 1100)
    var numbers = Numbers(seed: 5)
    let a: [Float] = numbers.array(m * k)
    let (weight, scales) = quantized(numbers.array(n * k), k, n, k)
    let packed = packedBytes(weight, scales, k)
    var whole = [Float](repeating: 7, count: m * n)
    attune_int8_gemm(m, n, k, a, k, packed, nil, ATTUNE_GELU, &whole, n)
    for row in [0, 1, 50, 111, 112, 119] {
      var alone = [Float](repeating: 7, count: n)
      attune_int8_gemm(1, n, k, Array(a[(row * k)...]), k, packed, nil, ATTUNE_GELU, &alone, n)
      expectSameBits(alone, Array(whole[row * n..<(row + 1) * n]), "row \(row)")
    }
  }

  @Test("Products of bytes have the same sums at every level")
  func int8Levels() {
    let (m, n, k) = (30, 50, 300)
    var numbers = Numbers(seed: 6)
    let a: [Float] = numbers.array(m * k)
    let weight: [Float] = numbers.array(n * k)
    let results: [[Float]] = Level.allCases.map { level in
      level.use()
      defer { Level.leave() }
      let (integers, scales) = quantized(weight, k, n, k)
      let packed = packedBytes(integers, scales, k)
      var c = [Float](repeating: 7, count: m * n)
      attune_int8_gemm(m, n, k, a, k, packed, nil, ATTUNE_IDENTITY, &c, n)
      return c
    }
    for result in results { expectClose(result, results[0].map { Double($0) }, tolerance: 2e-7) }
  }
}
