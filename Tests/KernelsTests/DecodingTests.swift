// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  @Test(
    "The best scores come in order, of equal ones the first, without those that are no numbers",
    arguments: Level.ofFloats)
  func bestScores(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths + [200, 1000] {
      checkBestScores(Float.self, count)
      checkBestScores(Double.self, count)
    }
  }

  private func checkBestScores<Element: KernelNumber>(_: Element.Type, _ count: Int) {
    var numbers = Numbers(seed: UInt64(count))
    let drawn: [Element] = numbers.array(count, scale: 9)
    // Rounded, so that many are equal.
    var x = drawn.map { $0.rounded() }
    for index in stride(from: 5, to: count, by: 11) { x[index] = -.infinity }
    for index in stride(from: 3, to: count, by: 17) { x[index] = .nan }
    if count > 40 { x[37] = .infinity }
    let order = x.indices.filter { x[$0] > -.infinity }.sorted {
      x[$0] != x[$1] ? x[$0] > x[$1] : $0 < $1
    }
    for wanted in [0, 1, 2, 5, 10, 64] {
      var places = [Int32](repeating: 7, count: wanted)
      var scores = [Element](repeating: 7, count: wanted)
      attune_best_scores(Element.precision, x, count, wanted, &places, &scores)
      let expected = order.prefix(wanted).map { Int32($0) }
      let missing = wanted - expected.count
      #expect(places == expected + [Int32](repeating: -1, count: missing), "\(count), \(wanted)")
      #expect(scores.prefix(expected.count).elementsEqual(expected.map { x[Int($0)] }))
    }
  }

  @Test("One query attends to keys in any place", arguments: Level.ofFloats)
  func attendOne(level: Level) {
    level.use()
    defer { Level.leave() }
    for width in [1, 3, 16, 20, 32, 64] {
      // On both sides of a vector of scores, of each length.
      for count in [0, 1, 2, 4, 5, 8, 9, 15, 16, 17, 33] {
        checkAttendOne(Float.self, width: width, count: count)
        checkAttendOne(Double.self, width: width, count: count)
      }
    }
  }

  private func checkAttendOne<Element: KernelNumber>(
    _: Element.Type, width: Int, count: Int
  ) {
    let (heads, rows) = (3, 40)
    let columns = heads * width
    var numbers = Numbers(seed: UInt64(width * 64 + count))
    let query: [Element] = numbers.array(columns)
    let keys: [Element] = numbers.array(rows * columns)
    let values: [Element] = numbers.array(rows * columns)
    let slots = (0..<count).map { Int32(($0 * 7 + 3) % rows) }
    let room = Int(ATTUNE_WEIGHTS)
    var weights = [Element](repeating: 0, count: heads * ((count + room - 1) / room * room) + 1)
    weights[weights.count - 1] = 7
    var (scattered, inOrder) = (query, query)
    attune_attend_one(
      Element.precision, query, keys, values, slots, count, heads, width, 0.4, &weights, &scattered)
    attune_attend_one(
      Element.precision, query, keys, values, nil, count, heads, width, 0.4, &weights, &inOrder)
    #expect(weights.last == 7, "written behind the weights")
    for (places, found) in [(slots.map { Int($0) }, scattered), (Array(0..<count), inOrder)] {
      var expected = [Double](repeating: 0, count: columns)
      for head in 0..<heads {
        let range = head * width..<(head + 1) * width
        let powers = places.map { row in
          exp(0.4 * range.reduce(0) { $0 + Double(query[$1]) * Double(keys[row * columns + $1]) })
        }
        for (row, power) in zip(places, powers) {
          for column in range {
            expected[column] +=
              power / powers.reduce(0, +) * Double(values[row * columns + column])
          }
        }
      }
      expectClose(found, expected, tolerance: Element.tolerance * 8)
    }
  }

  @Test("The panel of the largest product contends, and few others do", arguments: Level.allCases)
  func contendingPanels(level: Level) {
    level.use()
    defer { Level.leave() }
    var contending = 0
    for (seed, (n, k)) in [(1000, 64), (33, 32), (4100, 130)].enumerated() {
      var numbers = Numbers(seed: UInt64(seed))
      let (weight, bias): ([Float], [Float]) = (numbers.array(n * k), numbers.array(n))
      var (integers, scales) = ([Int8](repeating: 0, count: n * k), [Float](repeating: 0, count: n))
      attune_int8_quantize(weight, k, n, k, &integers, &scales)
      var packed = [UInt8](repeating: 0, count: attune_int8_packed_size(n, k))
      attune_int8_pack(integers, scales, n, k, &packed)
      let meant = (0..<n * k).map { Float(integers[$0]) * scales[$0 / k] }
      let lengths = (0..<n).map { row in
        meant[row * k..<(row + 1) * k].reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      let stray =
        (0..<n).map { row -> Double in
          let moved = (row * k..<(row + 1) * k).reduce(0.0) {
            $0 + Double(weight[$1] - meant[$1]) * Double(weight[$1] - meant[$1])
          }
          return moved.squareRoot() / Double(lengths[row])
        }.max() ?? 0
      for _ in 0..<(n == 1000 ? 100 : 8) {
        let row: [Float] = numbers.array(k)
        let sums = (0..<n).map { r in
          (0..<k).reduce(Double(bias[r])) { $0 + Double(row[$1]) * Double(weight[r * k + $1]) }
        }
        let largest = sums.indices.max { sums[$0] < sums[$1] } ?? 0
        var scores = [Float](repeating: 0, count: n)
        attune_int8_gemm(1, n, k, row, k, packed, bias, ATTUNE_IDENTITY, &scores, n)
        var panels = [Int32](repeating: -1, count: (n + 31) / 32)
        let count = attune_contending_panels(
          ATTUNE_FLOAT32, scores, lengths, n, row, k, stray, 1e-6, &panels)
        #expect(panels[..<count].contains(Int32(largest / 32)))
        #expect(panels[..<count].elementsEqual(panels[..<count].sorted()))
        if n == 4100 { contending += count }
      }
    }
    // 129 panels and 8 rows.
    #expect(contending < 8 * 20, "\(contending)")
  }
}
