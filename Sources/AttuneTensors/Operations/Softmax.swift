// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the softmax of each row.
  public func softmax() -> Tensor {
    let probabilities = Kernels.softmax(self, scale: 1)
    return .recorded(probabilities, from: [self], saving: [probabilities]) { call in
      [.dense(Kernels.softmaxBackward(call.saved[0], call.gradient))]
    }
  }

  /// Returns log(sum(exp(x))) of each row: what logits lack to be log-probabilities.  [rows, columns] -> [rows, 1]
  public func logSumExp() -> Tensor {
    .recorded(Kernels.logSumExp(self), from: [self], saving: [self]) { call in
      [.dense(Kernels.scaledRows(Kernels.softmax(call.saved[0], scale: 1), by: call.gradient))]
    }
  }
}
