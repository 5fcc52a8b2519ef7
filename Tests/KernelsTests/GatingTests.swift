// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  @Test("Gated values and their gradients follow their definitions", arguments: Level.allCases)
  func gating(level: Level) {
    level.use()
    defer { Level.leave() }
    for width in Self.lengths {
      for activation in ActivationCase.all {
        checkGating(Float.self, activation, width)
        checkGating(Double.self, activation, width)
      }
    }
  }

  private func checkGating<Element: KernelNumber>(
    _: Element.Type, _ activation: ActivationCase, _ width: Int
  ) {
    let rows = 3
    var numbers = Numbers(seed: UInt64(width))
    let sums: [Element] = numbers.array(rows * 2 * width, scale: 4)
    let gradient: [Element] = numbers.array(rows * width)
    var gated = [Element](repeating: 7, count: rows * width + 1)
    attune_activate_gated(Element.precision, activation.function, sums, &gated, rows, width)
    var (values, slopes) = ([Double](), [Double](repeating: 0, count: rows * 2 * width))
    for r in 0..<rows {
      for c in 0..<width {
        let (x, gate) = (Double(sums[r * 2 * width + c]), Double(sums[(r * 2 + 1) * width + c]))
        let arriving = Double(gradient[r * width + c])
        values.append(activation.value(x) * gate)
        slopes[r * 2 * width + c] = arriving * gate * activation.slope(x)
        slopes[(r * 2 + 1) * width + c] = arriving * activation.value(x)
      }
    }
    let text = "activation \(activation.function.rawValue), width \(width)"
    expectClose(gated, values + [7], text)
    var sumGradient = [Element](repeating: 7, count: rows * 2 * width + 1)
    var again = gated.map { _ in Element(7) }
    attune_activate_gated_backward(
      Element.precision, activation.function, sums, gradient, &sumGradient, &again, rows, width)
    expectClose(sumGradient, slopes + [7], text)
    expectSameBits(again, gated, text)
  }

  @Test("Pairs of columns turn about the origin, and back", arguments: Level.allCases)
  func rotation(level: Level) {
    level.use()
    defer { Level.leave() }
    for half in Self.lengths where half > 0 {
      checkRotation(Float.self, half)
      checkRotation(Double.self, half)
    }
  }

  private func checkRotation<Element: KernelNumber>(_: Element.Type, _ half: Int) {
    let (heads, places) = (2, [2, 0, 2] as [Int32])
    var numbers = Numbers(seed: UInt64(half))
    let angles: [Double] = numbers.array(3 * half, scale: 3)
    var turns: [Element] = []
    for row in 0..<3 {
      let own = angles[row * half..<(row + 1) * half]
      turns += own.map { Element(cos($0)) } + own.map { Element(sin($0)) }
    }
    let x: [Element] = numbers.array(places.count * heads * 2 * half)
    var wanted: [Double] = []
    for r in places.indices {
      for h in 0..<heads {
        let start = (r * heads + h) * 2 * half
        let points = (0..<half).map { i in
          let (a, b) = (Double(x[start + i]), Double(x[start + half + i]))
          let angle = angles[Int(places[r]) * half + i]
          return (a * cos(angle) - b * sin(angle), b * cos(angle) + a * sin(angle))
        }
        wanted += points.map(\.0) + points.map(\.1)
      }
    }
    var turned = x
    let rows = places.count
    attune_rotate(Element.precision, x, turns, places, 1, &turned, rows, heads, half)
    expectClose(turned, wanted, "half \(half)")
    turned.withUnsafeMutableBytes { states in
      attune_rotate(
        Element.precision, states.baseAddress, turns, places, -1, states.baseAddress, rows, heads,
        half)
    }
    expectClose(turned, x.map { Double($0) }, "half \(half), back in place")
  }

  @Test("Transposition", arguments: Level.allCases)
  func transposition(level: Level) {
    level.use()
    defer { Level.leave() }
    for (rows, columns) in [(2, 3), (16, 16), (37, 21), (1, 40), (40, 1)] {
      let x = (0..<rows * columns).map { Float($0) }
      let leading = rows + 2
      var result = [Float](repeating: -1, count: columns * leading)
      attune_transpose(ATTUNE_FLOAT32, x, &result, leading, rows, columns)
      let expected = (0..<columns).flatMap { column in
        (0..<leading).map { $0 < rows ? x[$0 * columns + column] : -1 }
      }
      #expect(result == expected)
    }
  }
}
