// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

// Losses over the few outputs of a head. Each finds its value and its derivative in one pass and keeps the derivative, which is
// no larger than the outputs themselves.

extension Tensor {
  /// Returns the cross-entropy between the softmax of each row and a distribution, weighted and summed over the rows.
  /// [rows, classes] -> a single number
  ///
  /// - Parameters:
  ///   - distributions: What each row is compared with, summing to 1.  [rows, classes]
  ///   - weights: Weight of each row; nil: 1.
  public func crossEntropy(distributions: Tensor, weights: [Float]? = nil) -> Tensor {
    outputLoss(distributions, rowWeights: weights) { logits, targets, slopes in
      let highest = logits.max() ?? 0
      let logSumExp = highest + log(logits.reduce(0) { $0 + exp($1 - highest) })
      var loss = 0.0
      for (place, (logit, target)) in zip(logits, targets).enumerated() {
        loss += target * (logSumExp - logit)
        slopes[place] = exp(logit - logSumExp) - target
      }
      return loss
    }
  }

  /// Returns the cross-entropy between the sigmoid of each element and its target in 0...1, summed over all elements.
  /// [rows, labels] -> a single number
  ///
  /// - Parameter targets: [rows, labels]
  public func binaryCrossEntropy(_ targets: Tensor) -> Tensor {
    outputLoss(targets, rowWeights: nil) { logits, targets, slopes in
      var loss = 0.0
      for (place, (logit, target)) in zip(logits, targets).enumerated() {
        // log(1 + exp(logit)) - target * logit, without overflow.
        let small = exp(-abs(logit))
        loss += max(logit, 0) - target * logit + log1p(small)
        slopes[place] = (logit < 0 ? small : 1) / (1 + small) - target
      }
      return loss
    }
  }

  /// Returns the squared difference between each element and its target, summed over all elements.
  /// [rows, outputs] -> a single number
  ///
  /// - Parameter targets: [rows, outputs]
  public func squaredError(_ targets: Tensor) -> Tensor {
    outputLoss(targets, rowWeights: nil) { outputs, targets, slopes in
      var loss = 0.0
      for (place, (output, target)) in zip(outputs, targets).enumerated() {
        loss += (output - target) * (output - target)
        slopes[place] = 2 * (output - target)
      }
      return loss
    }
  }

  /// Sums over the rows what `row` returns of outputs and targets; `row` also writes the derivative by each output.
  private func outputLoss(
    _ targets: Tensor, rowWeights: [Float]?,
    row: (ArraySlice<Double>, ArraySlice<Double>, inout [Double]) -> Double
  ) -> Tensor {
    precondition(
      targets.shape == shape && rowWeights?.count ?? rowCount == rowCount,
      "loss: outputs \(shape), targets \(targets.shape), \(rowWeights?.count ?? rowCount) weights")
    let (outputs, targets, width) = (doubles, targets.doubles, columnCount)
    var (total, slopes) = (0.0, [Double]())
    slopes.reserveCapacity(outputs.count)
    var rowSlopes = [Double](repeating: 0, count: width)
    for index in 0..<rowCount {
      let range = index * width..<(index + 1) * width
      let weight = rowWeights.map { Double($0[index]) } ?? 1
      total += weight * row(outputs[range], targets[range], &rowSlopes)
      slopes.append(contentsOf: rowSlopes.lazy.map { weight * $0 })
    }
    let derivative = Tensor(doubles: slopes, shape: shape).converted(to: precision)
    let sum = Tensor(doubles: [total], shape: []).converted(to: precision)
    return .recorded(sum, from: [self], saving: [derivative]) { call in
      [.dense(Kernels.scaled(call.saved[0], by: call.gradient.doubles[0]))]
    }
  }
}
