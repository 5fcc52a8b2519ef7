// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the softmax of each row.
  public func softmax() -> Tensor {
    let probabilities = Kernels.softmax(self, scale: 1)
    return .recorded(probabilities, from: [self], saving: [probabilities]) { call in
      [.dense(Kernels.softmaxBackward(call.saved[0], call.gradient))]
    }
  }
}
