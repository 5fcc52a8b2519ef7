// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

/// Layer norm and its backward of one row, by definition, in double.
struct NormalizedRow {
  let mean: Double
  let reciprocalDeviation: Double
  let units: [Double]

  init(_ values: [Double], epsilon: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let reciprocal = 1 / (variance + epsilon).squareRoot()
    self.mean = mean
    reciprocalDeviation = reciprocal
    units = values.map { ($0 - mean) * reciprocal }
  }

  /// The gradient of the row, given that of the units.
  func backward(_ gradient: [Double]) -> [Double] {
    let count = Double(units.count)
    let level = gradient.reduce(0, +) / count
    let tilt = zip(gradient, units).reduce(0) { $0 + $1.0 * $1.1 } / count
    return zip(gradient, units).map { reciprocalDeviation * ($0 - level - $1 * tilt) }
  }
}

extension KernelTests {
  @Test("Layer norm of a residual sum", arguments: Level.ofFloats)
  func layerNorm(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() + [256] {
      checkLayerNorm(Float.self, columns)
      checkLayerNorm(Double.self, columns)
    }
  }

  private func checkLayerNorm<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    let rows = 3
    var numbers = Numbers(seed: UInt64(columns))
    let x: [Element] = numbers.array(rows * columns)
    let residual: [Element] = numbers.array(rows * columns)
    let weight: [Element] = numbers.array(columns)
    let bias: [Element] = numbers.array(columns)
    var sum = [Element](repeating: 0, count: rows * columns)
    var (result, mean) = (sum, [Element](repeating: 0, count: rows))
    var reciprocal = mean
    attune_layer_norm(
      Element.precision, residual, x, 5, 1000, 0.25, weight, bias, 1e-3, &sum, &result, &mean,
      &reciprocal, rows, columns)
    var withoutSum = result
    attune_layer_norm(
      Element.precision, residual, x, 5, 1000, 0.25, weight, bias, 1e-3, nil, &withoutSum, nil,
      nil, rows, columns)
    expectSameBits(result, withoutSum)
    for r in 0..<rows {
      let range = r * columns..<(r + 1) * columns
      let values = range.map { i in
        isKept(key: 5, index: UInt64(1000 + i), rate: 0.25)
          ? Double(residual[i]) + Double(x[i]) / 0.75 : Double(residual[i])
      }
      expectClose(Array(sum[range]), values)
      let row = NormalizedRow(values, epsilon: 1e-3)
      let expected = row.units.indices.map { row.units[$0] * Double(weight[$0]) + Double(bias[$0]) }
      expectClose(Array(result[range]), expected, tolerance: Element.tolerance * 9)
      expectClose([mean[r]], [row.mean])
      expectClose([reciprocal[r]], [row.reciprocalDeviation])
    }
  }

  @Test("Layer norm without residual, weight or bias keeps its input", arguments: Level.ofFloats)
  func plainLayerNorm(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() {
      var numbers = Numbers(seed: UInt64(columns))
      let x: [Float] = numbers.array(columns)
      var (sum, result) = (x.map { _ in Float(0) }, x)
      attune_layer_norm(
        ATTUNE_FLOAT32, nil, x, 0, 0, 0.5, nil, nil, 1e-3, &sum, &result, nil, nil, 1, columns)
      #expect(sum == x)
      expectClose(
        result, NormalizedRow(x.map { Double($0) }, epsilon: 1e-3).units, tolerance: 1e-5)
    }
  }

  @Test("Gradients of layer norm", arguments: Level.ofFloats)
  func layerNormBackward(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() + [256] {
      checkLayerNormBackward(Float.self, columns)
      checkLayerNormBackward(Double.self, columns)
    }
  }

  private func checkLayerNormBackward<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    let rows = 6
    var numbers = Numbers(seed: UInt64(columns))
    let sum: [Element] = numbers.array(rows * columns)
    let gradient: [Element] = numbers.array(rows * columns)
    let weight: [Element] = numbers.array(columns)
    let start: [Element] = numbers.array(columns)
    var (weightGradient, biasGradient, input) = (start, start, gradient)
    let normalized = (0..<rows).map { r in
      NormalizedRow(
        sum[r * columns..<(r + 1) * columns].map { Double($0) }, epsilon: 0.1)
    }
    let mean = normalized.map { Element($0.mean) }
    let reciprocal = normalized.map { Element($0.reciprocalDeviation) }
    attune_layer_norm_backward(
      Element.precision, gradient, sum, mean, reciprocal, weight, &input, &weightGradient,
      &biasGradient, rows, columns)
    var (weights, biases) = (start.map { Double($0) }, start.map { Double($0) })
    for (r, row) in normalized.enumerated() {
      let arriving = (0..<columns).map { Double(gradient[r * columns + $0]) }
      for c in 0..<columns {
        weights[c] += arriving[c] * row.units[c]
        biases[c] += arriving[c]
      }
      let inner = zip(arriving, weight).map { $0 * Double($1) }
      expectClose(
        Array(input[r * columns..<(r + 1) * columns]), row.backward(inner),
        tolerance: Element.tolerance * 9, "columns \(columns)")
    }
    expectClose(weightGradient, weights)
    expectClose(biasGradient, biases)
    checkNormCuts(gradient, sum, mean, reciprocal, weight, start, (input, weightGradient))
  }

  /// The same backward row by row, in place of the gradient and without that of the bias.
  private func checkNormCuts<Element: KernelNumber>(
    _ gradient: [Element], _ sum: [Element], _ mean: [Element], _ reciprocal: [Element],
    _ weight: [Element], _ start: [Element], _ whole: (input: [Element], weight: [Element])
  ) {
    let columns = weight.count
    var (input, weightGradient) = ([Element](), start)
    for r in mean.indices {
      let range = r * columns..<(r + 1) * columns
      var row = Array(gradient[range])
      row.withUnsafeMutableBytes {
        attune_layer_norm_backward(
          Element.precision, $0.baseAddress, Array(sum[range]), [mean[r]], [reciprocal[r]], weight,
          $0.baseAddress, &weightGradient, nil, 1, columns)
      }
      input += row
    }
    expectSameBits(input, whole.input)
    expectSameBits(weightGradient, whole.weight)
  }
}
