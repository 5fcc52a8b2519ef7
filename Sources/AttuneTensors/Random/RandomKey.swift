// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import CAttuneKernels

/// The key of a stream of random numbers.
///
/// Numbers are counter-based: the one at (key, index) depends on nothing else, so a run is repeated by its seed and
/// resumed by its step number, and threads need no order among themselves.
public struct RandomKey: Sendable, Hashable {
  /// The 64 bits that identify the stream.
  public let bits: UInt64

  /// The stream of a seed.
  public init(seed: UInt64) { bits = attune_random_key(0x4174_7475_6E65, seed) }

  private init(bits: UInt64) { self.bits = bits }

  /// The key that tensors of zeros are drawn from, for models whose parameters are about to be loaded.
  public static let blank = RandomKey(bits: 0)

  /// Returns the stream of a place below this one; distinct places are independent.
  public func place(_ place: UInt64) -> RandomKey {
    self == .blank ? .blank : RandomKey(bits: attune_random_key(bits, place))
  }

  /// Returns 32 random bits at `index`.
  public func word(at index: UInt64) -> UInt32 { attune_random_bits(bits, index) }

  /// Returns a number in [0, 1) at `index`, with 24 random bits.
  public func uniform(at index: UInt64) -> Float { Float(word(at: index) >> 8) * 0x1p-24 }

  /// Returns a standard normal number at `index` (Box and Muller 1958).
  public func normal(at index: UInt64) -> Float {
    let radius = (-2 * log(1 - Double(uniform(at: 2 * index)))).squareRoot()
    return Float(radius * cos(2 * .pi * Double(uniform(at: 2 * index + 1))))
  }

  /// Returns 0..<count in random order (Fisher and Yates).
  public func shuffled(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for last in stride(from: count - 1, to: 0, by: -1) {
      let wide = UInt64(word(at: UInt64(2 * last))) << 32 | UInt64(word(at: UInt64(2 * last + 1)))
      order.swapAt(last, Int(wide.multipliedFullWidth(by: UInt64(last + 1)).high))
    }
    return order
  }
}

extension Tensor {
  /// Normally distributed numbers with mean 0, cut at two deviations as BERT's initialiser does.
  public static func truncatedNormal(
    _ shape: [Int], standardDeviation: Float, key: RandomKey
  ) -> Tensor {
    drawn(shape, key) { index in
      for attempt in 0..<64 {
        let draw = key.place(UInt64(attempt)).normal(at: UInt64(index))
        if abs(draw) <= 2 { return draw * standardDeviation }
      }
      return 0
    }
  }

  /// Numbers uniformly distributed in -bound..<bound.
  public static func uniform(_ shape: [Int], bound: Float, key: RandomKey) -> Tensor {
    drawn(shape, key) { (2 * key.uniform(at: UInt64($0)) - 1) * bound }
  }

  private static func drawn(
    _ shape: [Int], _ key: RandomKey, _ draw: (Int) -> Float
  ) -> Tensor {
    guard key != .blank else { return .blank(shape) }
    let result = Tensor(uninitialized: shape, precision: .float32)
    let elements = result.pointer.assumingMemoryBound(to: Float.self)
    Parallel.forElements(result.count) { range in
      for index in range { elements[index] = draw(index) }
    }
    return result
  }
}
