// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import CAttuneKernels

/// The numbers of one step of AdamW (Loshchilov and Hutter 2019, algorithm 2) for one parameter.
public struct AdamWStep: Sendable {
  /// How far the parameter moves.
  public var learningRate: Double
  /// Decay of the first moment.
  public var beta1: Double
  /// Decay of the second moment.
  public var beta2: Double
  /// Added to the root of the second moment.
  public var epsilon: Double
  /// Share of the parameter that is taken off, times the learning rate.
  public var weightDecay: Double
  /// Multiplies the gradient first.
  public var gradientScale: Double
  /// How many steps this parameter has made, this one included.
  public var number: Int

  /// A step of the given numbers.
  public init(
    learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double,
    gradientScale: Double, number: Int
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.gradientScale = gradientScale
    self.number = number
  }

  fileprivate var kernel: attune_adamw_settings {
    attune_adamw_settings(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weight_decay: weightDecay, correction1: 1 - pow(beta1, Double(number)),
      correction2: 1 - pow(beta2, Double(number)), gradient_scale: gradientScale)
  }
}

extension Tensor {
  /// Moves the elements and both moments by one step, in place.
  ///
  /// Rows that the gradient leaves out have gradient zero; they move when somebody reads them.
  public mutating func descend(
    along gradient: Gradient, firstMoment: inout Tensor, secondMoment: inout Tensor,
    _ step: AdamWStep
  ) {
    precondition(
      firstMoment.shape == shape && secondMoment.shape == shape,
      "AdamW: moments \(firstMoment.shape), \(secondMoment.shape) of \(shape)")
    takeStorage()
    firstMoment.takeStorage()
    secondMoment.takeStorage()
    let tables = MomentTables(parameter: self, first: firstMoment, second: secondMoment)
    switch gradient {
    case .dense(let values): Kernels.adamW(tables, along: values, step.kernel)
    case .rows(let rows, let values):
      precondition(
        values.columnCount == columnCount && values.rowCount == rows.count,
        "AdamW: \(rows.count) rows \(values.shape) along \(shape)")
      DeferredSteps.of(tables).step(along: rows, values, step.kernel)
    }
  }
}
