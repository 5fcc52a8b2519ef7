// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import Testing

@Suite("Random numbers")
struct RandomKeyTests {
  private let key = RandomKey(seed: 9)

  @Test("Seeds and places give other streams, the same ones the same stream")
  func streams() {
    func words(_ key: RandomKey) -> [UInt32] { (0..<16).map { key.word(at: $0) } }
    #expect(words(key) == words(RandomKey(seed: 9)))
    let keys = [key, RandomKey(seed: 10), key.place(0), key.place(1), key.place(0).place(1)]
    #expect(Set(keys.map(words)).count == keys.count)
  }

  @Test("Uniform numbers lie in [0, 1) with their mean and variance")
  func uniform() {
    let numbers = (0..<100_000).map { Double(key.uniform(at: $0)) }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    let mean = numbers.reduce(0, +) / 1e5
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    #expect(abs(mean - 0.5) < 5 * (1 / 12e5).squareRoot())
    #expect(abs(variance - 1.0 / 12) < 0.002)
  }

  @Test("Normal numbers have mean 0, variance 1 and kurtosis 3")
  func normal() {
    let numbers = (0..<100_000).map { Double(key.normal(at: $0)) }
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, number in
        sum + (0..<power).reduce(1) { product, _ in product * number }
      } / 1e5
    }
    #expect(abs(moment(1)) < 0.016)
    #expect(abs(moment(2) - 1) < 0.025)
    #expect(abs(moment(4) - 3) < 0.2)
  }

  @Test("Truncated normal weights stay within two deviations, with the deviation that is left")
  func truncatedNormal() {
    let values = Tensor.truncatedNormal([300, 100], standardDeviation: 0.02, key: key).values
    #expect(values.allSatisfy { abs($0) <= 0.04 })
    let variance = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
    // 1 - 2 * 2 * phi(2) / (2 * Phi(2) - 1) of the variance remains.
    #expect(abs(variance.squareRoot() / 0.02 - 0.8796) < 0.01)
  }

  @Test("A shuffle is a permutation, and every place is about equally likely")
  func shuffle() {
    #expect(key.shuffled(0).isEmpty)
    #expect(key.shuffled(1) == [0])
    #expect(key.shuffled(100).sorted() == Array(0..<100))
    var counts = [Int](repeating: 0, count: 5)
    for index in 0..<10_000 { counts[key.place(UInt64(index)).shuffled(5)[0]] += 1 }
    #expect(counts.allSatisfy { abs($0 - 2000) < 200 })
  }
}
