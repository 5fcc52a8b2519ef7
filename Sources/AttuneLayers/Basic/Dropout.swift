// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Sets a share of the elements to zero in training and scales the rest (Srivastava et al. 2014).
public struct Dropout: Sendable, Hashable {
  /// Share of elements that fall, in 0..<1.
  public let rate: Float

  /// Dropout at `rate`.
  public init(_ rate: Float) { self.rate = rate }

  /// The draw of the next place in a training pass; nil in inference.
  public func draw(_ mode: Mode) -> DropoutDraw? {
    guard rate > 0, let pass = mode.pass else { return nil }
    return DropoutDraw(rate: rate, key: pass.nextKey())
  }

  /// Any shape -> the same shape
  public func callAsFunction(_ states: Tensor, mode: Mode) -> Tensor { states.dropped(draw(mode)) }
}
