// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

/// Which elements dropout takes away: how often, and whether one tells of another.
private struct DropoutStatistics {
  /// Whether the element of a key at an index is taken away, for so many indices.
  typealias Mask = (_ key: UInt64, _ first: UInt64, _ count: Int) -> [Bool]

  private static let count = 200_000
  let mask: Mask
  let rate: Double

  /// Each statistic in standard deviations of what independent draws of the rate would give.
  func deviations(keys: [UInt64]) -> [String: Double] {
    var found: [String: Double] = [:]
    for key in keys {
      let taken = mask(key, 0, Self.count)
      found["share of key \(key)"] = bias(taken)
      for lag in [1, 2, 3, 16, 64, 256, 384, 1536] {
        found["lag \(lag) of key \(key)"] = correlation(
          taken.dropLast(lag), taken.dropFirst(lag))
      }
      for (name, other) in [
        ("next key", key &+ 1), ("next place", attune_random_key(key, 1)),
        ("top bit", key ^ 1 << 63),
      ] {
        found["\(name) after \(key)"] = correlation(taken[...], mask(other, 0, Self.count)[...])
      }
      found["runs of key \(key)"] = runs(taken)
      found["next key at the next index, \(key)"] = correlation(
        taken[...], mask(key &+ 1, 1, Self.count)[...])
    }
    return found
  }

  /// The number of drops against the binomial distribution.
  private func bias(_ taken: [Bool]) -> Double {
    let drops = Double(taken.count { $0 })
    let count = Double(taken.count)
    return (drops - count * rate) / (count * rate * (1 - rate)).squareRoot()
  }

  /// The sum of products of two centred masks, whose variance is that of a draw squared for each pair.
  private func correlation(_ a: ArraySlice<Bool>, _ b: ArraySlice<Bool>) -> Double {
    let both = zip(a, b).reduce(0) {
      $0 + (($1.0 ? 1 : 0) - rate) * (($1.1 ? 1 : 0) - rate)
    }
    return both / (Double(a.count).squareRoot() * rate * (1 - rate))
  }

  /// The number of runs of equal draws (Wald and Wolfowitz 1940), given how many drops there are.
  private func runs(_ taken: [Bool]) -> Double {
    let changes = zip(taken, taken.dropFirst()).count { $0 != $1 }
    let drops = Double(taken.count { $0 })
    let (count, kept) = (Double(taken.count), Double(taken.count) - drops)
    let mean = 2 * drops * kept / count + 1
    let variance = (mean - 1) * (mean - 2) / (count - 1)
    return (Double(changes + 1) - mean) / variance.squareRoot()
  }
}

extension KernelTests {
  private static let keys: [UInt64] = [0, 1, 2, 77, 0x9e37_79b9_7f4a_7c15, .max]
  /// Beyond it one draw in two million lies; there are 90 statistics.
  private static let bound = 5.0

  @Test(
    "What dropout takes away is unbiased, and tells nothing of neighbours in index or key",
    arguments: [0.1, 0.5])
  func dropoutStatistics(rate: Double) {
    let statistics = DropoutStatistics(
      mask: { key, first, count in
        let ones = [Float](repeating: 1, count: count)
        var dropped = ones
        attune_dropout(ATTUNE_FLOAT32, key, first, rate, ones, &dropped, count)
        return dropped.map { $0 == 0 }
      }, rate: rate)
    for (name, deviation) in statistics.deviations(keys: Self.keys) {
      #expect(abs(deviation) < Self.bound, "\(name)")
    }
  }

  @Test("Weaker generators are found out", arguments: WeakGenerator.allCases)
  func weakDropout(generator: WeakGenerator) {
    let rate = 0.1
    let threshold = UInt32(rate * 0x1p32)
    let statistics = DropoutStatistics(
      mask: { key, first, count in
        (0..<count).map { generator.word(key, UInt32(first) &+ UInt32($0)) < threshold }
      }, rate: rate)
    let found = statistics.deviations(keys: [77])
    #expect(
      found.contains { $0.key.hasPrefix(generator.rawValue) && abs($0.value) > Self.bound })
  }
}

/// Generators that mix too little, by the beginning of the name of a statistic that finds each out.
enum WeakGenerator: String, CaseIterable {
  case indexTimesConstant = "lag"
  case keyBesideIndex = "next key at the next index"
  case bitAlwaysSet = "share"
  case withoutKey = "next key after"

  func word(_ key: UInt64, _ index: UInt32) -> UInt32 {
    let low = UInt32(truncatingIfNeeded: key)
    return switch self {
    case .indexTimesConstant: index &* 0x9e37_79b9 &+ low &* 0x85eb_ca6b
    case .keyBesideIndex: attune_random_bits(5, UInt64(index &- low))
    case .bitAlwaysSet: attune_random_bits(key, UInt64(index)) | 0x0200_0000
    case .withoutKey: attune_random_bits(5, UInt64(index))
    }
  }
}
