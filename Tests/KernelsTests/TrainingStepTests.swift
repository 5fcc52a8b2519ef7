// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  @Test("A step of an LSTM and its gradients", arguments: Level.ofFloats)
  func lstm(level: Level) {
    level.use()
    defer { Level.leave() }
    for units in Self.lengths {
      checkLSTM(Float.self, units)
      checkLSTM(Double.self, units)
    }
  }

  /// Hidden state and cell of one unit, from its four pre-activations.
  private func unit(_ gates: [Double], _ previous: Double) -> (hidden: Double, cell: Double) {
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    let cell = logistic(gates[1]) * previous + logistic(gates[0]) * tanh(gates[2])
    return (logistic(gates[3]) * tanh(cell), cell)
  }

  private func checkLSTM<Element: KernelNumber>(_: Element.Type, _ units: Int) {
    let rows = 2
    var numbers = Numbers(seed: UInt64(units))
    let start: [Element] = numbers.array(rows * 4 * units, scale: 3)
    let previous: [Element] = numbers.array(rows * units)
    let hiddenGradient: [Element] = numbers.array(rows * units)
    let cellGradient: [Element] = numbers.array(rows * units)
    var (gates, cell, hidden) = (start, previous, previous)
    attune_lstm_step(Element.precision, &gates, previous, &cell, &hidden, rows, units)
    var (slopes, cellSlopes) = (start, previous)
    attune_lstm_step_backward(
      Element.precision, gates, previous, cell, hiddenGradient, cellGradient, &slopes, &cellSlopes,
      rows, units)
    for place in 0..<rows * units {
      let base = place / units * 4 * units + place % units
      let inputs = (0..<4).map { Double(start[base + $0 * units]) }
      let (h, c) = unit(inputs, Double(previous[place]))
      expectClose([hidden[place], cell[place]], [h, c])
      /// What the two gradients make of a change of the outcome, by central differences.
      func slope(_ change: (Double) -> (hidden: Double, cell: Double)) -> Double {
        let (up, down) = (change(1e-5), change(-1e-5))
        return
          (Double(hiddenGradient[place]) * (up.hidden - down.hidden)
          + Double(cellGradient[place]) * (up.cell - down.cell)) / 2e-5
      }
      let expected = (0..<4).map { gate in
        slope { step in
          var moved = inputs
          moved[gate] += step
          return unit(moved, Double(previous[place]))
        }
      }
      let tolerance = max(Element.tolerance, 1e-9)
      expectClose((0..<4).map { slopes[base + $0 * units] }, expected, tolerance: tolerance)
      let previousSlope = slope { unit(inputs, Double(previous[place]) + $0) }
      expectClose([cellSlopes[place]], [previousSlope], tolerance: tolerance)
    }
  }

  @Test("AdamW follows its equations", arguments: Level.ofFloats)
  func adamW(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths {
      checkAdamW(Float.self, count, hasGradient: true)
      checkAdamW(Double.self, count, hasGradient: true)
      checkAdamW(Float.self, count, hasGradient: false)
    }
  }

  private func checkAdamW<Element: KernelNumber>(
    _: Element.Type, _ count: Int, hasGradient: Bool
  ) {
    var numbers = Numbers(seed: UInt64(count))
    let gradient: [Element] = numbers.array(count)
    let start: [Element] = numbers.array(count)
    var (parameter, first, second) = (start, gradient.map { _ in Element(0) }, start)
    second = second.map { _ in 0 }
    var (p, m, v) = (start.map { Double($0) }, first.map { Double($0) }, first.map { Double($0) })
    for step in 1...3 {
      var settings = attune_adamw_settings(
        learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weight_decay: 0.05,
        correction1: 1 - pow(0.9, Double(step)), correction2: 1 - pow(0.99, Double(step)),
        gradient_scale: 0.5)
      attune_adamw(
        Element.precision, &settings, 1, hasGradient ? gradient : nil, &parameter, &first, &second,
        count)
      for i in 0..<count {
        let g = hasGradient ? 0.5 * Double(gradient[i]) : 0
        p[i] *= 1 - 0.1 * 0.05
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.99 * v[i] + 0.01 * g * g
        let (first, second) = (m[i] / settings.correction1, v[i] / settings.correction2)
        p[i] -= 0.1 * first / (second.squareRoot() + 1e-6)
      }
    }
    expectClose(parameter, p)
    expectClose(first, m)
    expectClose(second, v)
  }

  @Test(
    "Several steps of AdamW at once have the bits of one after the other", arguments: Level.ofFloats
  )
  func adamWSteps(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths {
      checkAdamWSteps(Float.self, count)
      checkAdamWSteps(Double.self, count)
    }
  }

  /// The first half has moments to begin with, the rest only decays.
  private func checkAdamWSteps<Element: KernelNumber & Equatable>(_: Element.Type, _ count: Int) {
    var numbers = Numbers(seed: UInt64(count))
    let gradient: [Element] = numbers.array(count)
    let start: [Element] = numbers.array(count)
    let squares: [Element] = numbers.array(count).map { $0 * $0 }
    let settings = (1...5).map { step in
      attune_adamw_settings(
        learning_rate: 0.1 / Double(step), beta1: 0.9, beta2: 0.99, epsilon: 1e-6,
        weight_decay: 0.05, correction1: 1 - pow(0.9, Double(step)),
        correction2: 1 - pow(0.99, Double(step)), gradient_scale: 0.5)
    }
    for last in [gradient, nil] {
      func run(
        _ calls: (inout [Element], inout [Element], inout [Element]) -> Void
      ) -> [[Element]] {
        var parameter = start
        var (first, second) = (gradient, squares)
        for place in count / 2..<count { (first[place], second[place]) = (0, 0) }
        calls(&parameter, &first, &second)
        return [parameter, first, second]
      }
      let atOnce = run { parameter, first, second in
        attune_adamw(
          Element.precision, settings, settings.count, last, &parameter, &first, &second, count)
      }
      let oneByOne = run { parameter, first, second in
        for (place, settings) in settings.enumerated() {
          var settings = settings
          attune_adamw(
            Element.precision, &settings, 1, place == 4 ? last : nil, &parameter, &first, &second,
            count)
        }
      }
      #expect(atOnce == oneByOne)
    }
  }
}
