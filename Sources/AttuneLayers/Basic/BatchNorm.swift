// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Batch normalisation of each column (Ioffe and Szegedy 2015): by the batch in training, by running statistics in inference.
public struct BatchNorm: Module {
  /// [dimension]
  public var weight: Tensor
  /// [dimension]
  public var bias: Tensor
  /// [dimension]
  public var runningMean: Tensor
  /// Unbiased.  [dimension]
  public var runningVariance: Tensor
  /// Share of the batch in the running statistics.
  public let momentum: Float
  /// Added to the variance.
  public let epsilon: Float

  /// The identity scale and shift, over columns of mean 0 and variance 1.
  public init(dimension: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
    weight = Tensor(repeating: 1, shape: [dimension])
    bias = .zeros([dimension])
    runningMean = .zeros([dimension])
    runningVariance = Tensor(repeating: 1, shape: [dimension])
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// [rows, dimension] -> [rows, dimension]
  public func callAsFunction(_ states: Tensor, mode: Mode) -> Tensor {
    guard let pass = mode.pass else {
      return states.normalized(
        mean: runningMean, variance: runningVariance, weight: weight, bias: bias, epsilon: epsilon)
    }
    let batch = states.batchNormalized(weight: weight, bias: bias, epsilon: epsilon)
    let rows = Double(states.rowCount)
    update(runningMean, by: batch.mean, in: pass)
    update(runningVariance, by: batch.variance.scaled(by: rows / max(rows - 1, 1)), in: pass)
    return batch.result
  }

  /// Moves a statistic towards the batch's, from where an earlier call of the same pass left it.
  private func update(_ statistic: Tensor, by batch: Tensor, in pass: TrainingPass) {
    let share = Double(momentum)
    let present = pass.bufferUpdates[statistic] ?? statistic
    pass.update(statistic, to: present.scaled(by: 1 - share) + batch.scaled(by: share))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
    visit.buffer("runningMean", &runningMean)
    visit.buffer("runningVariance", &runningVariance)
  }
}
