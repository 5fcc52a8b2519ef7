// SPDX-License-Identifier: Apache-2.0

/// One use of dropout: which elements fall, drawn from a key.
public struct DropoutDraw: Sendable {
  /// Share of elements set to zero, in 0..<1.
  public let rate: Float
  /// The stream of the draw.
  public let key: RandomKey

  /// A draw at `rate` from `key`.
  public init(rate: Float, key: RandomKey) {
    precondition(rate >= 0 && rate < 1, "dropout: rate \(rate) is not in 0..<1")
    self.rate = rate
    self.key = key
  }
}

extension Tensor {
  /// Returns the elements that stay, scaled up by 1 / (1 - rate) (Srivastava et al. 2014).
  public func dropped(_ draw: DropoutDraw?) -> Tensor {
    guard let draw, draw.rate > 0 else { return self }
    return .recorded(Kernels.dropped(self, draw), from: [self]) { call in
      [.dense(Kernels.dropped(call.gradient, draw))]
    }
  }

  /// Returns `residual` plus this tensor after dropout.
  public func dropped(_ draw: DropoutDraw?, addedTo residual: Tensor) -> Tensor {
    guard let draw, draw.rate > 0 else { return residual + self }
    precondition(shape == residual.shape, "sum: \(shape) and \(residual.shape) differ")
    return .recorded(
      Kernels.addingDropped(self, draw, to: residual), from: [self, residual]
    ) { call in
      [
        call.needed[0] ? .dense(Kernels.dropped(call.gradient, draw)) : nil,
        .dense(call.gradient),
      ]
    }
  }
}
