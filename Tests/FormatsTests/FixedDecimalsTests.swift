// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import AttuneFormats

@Suite("Numbers with so many digits after the point")
struct FixedDecimalsTests {
  @Test(
    "Ties go to the even digit, and what is no tie to the nearer",
    arguments: [
      (0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.5, 0, "2"), (3.5, 0, "4"), (-0.5, 0, "-0"),
      (1.005, 2, "1.00"), (2.675, 2, "2.67"), (0.15, 1, "0.1"), (0.25, 1, "0.2"),
      (0.9996, 3, "1.000"), (99.95, 1, "100.0"), (0.6, 0, "1"), (0.00004, 4, "0.0000"),
    ])
  func roundsExactly(value: Double, places: Int, text: String) {
    #expect(value.fixed(places) == text)
  }

  @Test("Digits end where the binary number ends")
  func printsWholeNumbers() {
    #expect(0.1.fixed(20) == "0.10000000000000000555")
    #expect(0.5.fixed(3) == "0.500")
    #expect(1e22.fixed(1) == "10000000000000000000000.0")
    #expect(0.0.fixed(2) == "0.00")
    #expect((-0.0).fixed(2) == "-0.00")
  }

  @Test("Numbers of all sizes print as C prints them")
  func printsAsC() {
    var generator = SplitMix(seed: 1)
    let anySize = (0..<300).map { _ in Double(bitPattern: generator.next()) }
    let scores = (0..<3000).map { _ in Double.random(in: -1000...1000, using: &generator) }
    let ends: [Double] = [
      .nan, -Double.nan, .infinity, -.infinity, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude,
    ]
    for value in anySize + scores + ends {
      let places = Int.random(in: 0...6, using: &generator)
      #expect(
        value.fixed(places) == String(format: "%.\(places)f", value), "\(value.bitPattern)")
    }
  }
}
