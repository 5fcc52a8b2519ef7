// SPDX-License-Identifier: Apache-2.0

/// SplitMix64, so that every run mutates alike.
public struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  /// Starts a run of numbers.
  public init(seed: UInt64) { state = seed }

  /// Returns the next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Damages bytes in up to four places: flips, inserts, deletes, copies, cuts.
public func mutated(
  _ original: [UInt8], favouring bytes: [UInt8], with generator: inout SplitMix
) -> [UInt8] {
  var result = original
  for _ in 0..<Int.random(in: 1...4, using: &generator) where !result.isEmpty {
    let place = Int.random(in: 0..<result.count, using: &generator)
    let byte = bytes.randomElement(using: &generator) ?? 0
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1: result[place] = byte
    case 2: result.insert(byte, at: place)
    case 3: result.remove(at: place)
    case 4: result.insert(contentsOf: result[place...].prefix(16), at: place)
    default: result.removeSubrange(place...)
    }
  }
  return result
}
