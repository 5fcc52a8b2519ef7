// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

/// The definition of an activation and of its derivative, in double.
struct ActivationCase: Sendable {
  let function: attune_activation
  let value: @Sendable (Double) -> Double
  let slope: @Sendable (Double) -> Double

  static let all = [
    Self(function: ATTUNE_IDENTITY, value: { $0 }, slope: { _ in 1 }),
    Self(function: ATTUNE_RELU, value: { max($0, 0) }, slope: { $0 > 0 ? 1 : 0 }),
    Self(
      function: ATTUNE_GELU, value: { $0 * normal($0) },
      slope: { normal($0) + $0 * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }),
    Self(
      function: ATTUNE_GELU_TANH, value: { 0.5 * $0 * (1 + tanh(inner($0))) },
      slope: { x in
        let t = tanh(inner(x))
        let innerSlope = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * innerSlope
      }),
    Self(function: ATTUNE_TANH, value: { tanh($0) }, slope: { 1 - tanh($0) * tanh($0) }),
    Self(
      function: ATTUNE_SIGMOID, value: { logistic($0) },
      slope: { logistic($0) * (1 - logistic($0)) }),
    Self(
      function: ATTUNE_SILU, value: { $0 * logistic($0) },
      slope: { logistic($0) * (1 + $0 * (1 - logistic($0))) }),
    Self(
      function: ATTUNE_QUICK_GELU, value: { $0 * logistic(1.702 * $0) },
      slope: { logistic(1.702 * $0) * (1 + 1.702 * $0 * (1 - logistic(1.702 * $0))) }),
    Self(
      function: ATTUNE_MISH, value: { $0 * tanh(softplus($0)) },
      slope: { x in
        let gate = tanh(softplus(x))
        return gate + x * (1 - gate * gate) * logistic(x)
      }),
  ]

  static func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
  static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
  static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  static func inner(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
  }
}

extension KernelTests {
  @Test("Activations and their derivatives follow their definitions", arguments: Level.ofFloats)
  func activations(level: Level) {
    level.use()
    defer { Level.leave() }
    for activation in ActivationCase.all {
      for count in Self.lengths + [1000] {
        checkActivation(Float.self, activation, count)
        checkActivation(Double.self, activation, count)
      }
    }
  }

  private func checkActivation<Element: KernelNumber>(
    _: Element.Type, _ activation: ActivationCase, _ count: Int
  ) {
    var numbers = Numbers(seed: UInt64(count))
    let x: [Element] = numbers.array(count, scale: 12)
    let gradient: [Element] = numbers.array(count)
    var result = [Element](repeating: 7, count: count + 1)
    attune_activate(Element.precision, activation.function, x, &result, count)
    let text = "activation \(activation.function.rawValue), count \(count)"
    expectClose(
      result, x.map { activation.value(Double($0)) } + [7], tolerance: Element.tolerance / 2, text)
    attune_activate_backward(
      Element.precision, activation.function, x, gradient, &result, count)
    let slopes = zip(x, gradient).map { activation.slope(Double($0)) * Double($1) }
    expectClose(result, slopes + [7], text)
  }

  @Test("Activations at the ends of the range", arguments: Level.ofFloats)
  func activationsOfSpecialValues(level: Level) {
    level.use()
    defer { Level.leave() }
    let x: [Float] = [
      .nan, 200, -200, 3e38, -3e38, .leastNonzeroMagnitude, 0, -.leastNonzeroMagnitude,
    ]
    for activation in ActivationCase.all {
      var result = x
      attune_activate(ATTUNE_FLOAT32, activation.function, x, &result, x.count)
      let text = "activation \(activation.function.rawValue)"
      let isNaN = activation.function == ATTUNE_RELU || result[0].isNaN
      #expect(isNaN, "\(text)")
      let limits = x.dropFirst().map { activation.value(Double($0)) }
      expectClose(Array(result.dropFirst()), limits, text)
      let ones = [Float](repeating: 1, count: x.count)
      attune_activate_backward(ATTUNE_FLOAT32, activation.function, x, ones, &result, x.count)
      #expect(result.dropFirst().allSatisfy { $0.isFinite }, "\(text)")
    }
    var nan: [Float] = [.nan]
    attune_activate(ATTUNE_FLOAT32, ATTUNE_RELU, [.nan] as [Float], &nan, 1)
    #expect(nan[0].isNaN)
  }

  @Test("The bits of an element do not depend on its position", arguments: Level.ofFloats)
  func positions(level: Level) {
    level.use()
    defer { Level.leave() }
    var numbers = Numbers(seed: 5)
    let x: [Float] = numbers.array(100, scale: 6)
    for activation in ActivationCase.all {
      var whole = x
      attune_activate(ATTUNE_FLOAT32, activation.function, x, &whole, 100)
      var parts: [Float] = []
      for (start, end) in [(0, 1), (1, 4), (4, 21), (21, 54), (54, 100)] {
        let slice = Array(x[start..<end])
        var part = slice
        attune_activate(ATTUNE_FLOAT32, activation.function, slice, &part, part.count)
        parts += part
      }
      expectSameBits(whole, parts, "activation \(activation.function.rawValue)")
    }
  }

  @Test("Bias, then activation", arguments: Level.ofFloats)
  func biasAndActivation(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths {
      for activation in ActivationCase.all {
        checkBias(Float.self, activation, columns)
        checkBias(Double.self, activation, columns)
      }
    }
  }

  private func checkBias<Element: KernelNumber>(
    _: Element.Type, _ activation: ActivationCase, _ columns: Int
  ) {
    let (rows, leading, wide) = (3, columns + 2, columns + 1)
    var numbers = Numbers(seed: UInt64(columns))
    let start: [Element] = numbers.array(rows * leading)
    let bias: [Element] = numbers.array(columns)
    var (values, activated) = (start, [Element](repeating: 7, count: rows * wide))
    attune_bias_activate(
      Element.precision, activation.function, &values, leading, bias, &activated, wide, rows,
      columns)
    var (sums, results) = (start.map { Double($0) }, [Double](repeating: 7, count: rows * wide))
    for r in 0..<rows {
      for c in 0..<columns {
        sums[r * leading + c] += Double(bias[c])
        results[r * wide + c] = activation.value(sums[r * leading + c])
      }
    }
    expectClose(values, sums)
    expectClose(activated, results)
    var alone = start
    attune_bias_activate(
      Element.precision, activation.function, &alone, leading, bias, nil, 0, rows, columns)
    expectClose(alone, sums)
    alone.withUnsafeMutableBytes {
      attune_bias_activate(
        Element.precision, activation.function, $0.baseAddress, leading, nil, $0.baseAddress,
        leading, rows, columns)
    }
    for r in 0..<rows {
      expectClose(
        Array(alone[r * leading..<r * leading + columns]),
        Array(results[r * wide..<r * wide + columns]))
    }
  }
}
