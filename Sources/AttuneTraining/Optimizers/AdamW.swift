// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), updating a model in place.
public struct AdamW: Sendable {
  /// What does not change from step to step.
  public struct Settings: Sendable {
    /// Decay of the first moment.
    public var beta1 = 0.9
    /// Decay of the second moment.
    public var beta2 = 0.999
    /// Added to the root of the second moment.
    public var epsilon = 1e-8
    /// Decay of matrices; biases, norms and other vectors never decay.
    public var weightDecay = 0.01
    /// Factor of the learning rate for the parameter of a name.
    public var rateMultiplier: @Sendable (String) -> Double = { _ in 1 }

    /// The usual settings.
    public init() {}

    /// Settings of the given weight decay.
    public init(
      weightDecay: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
      rateMultiplier: @escaping @Sendable (String) -> Double = { _ in 1 }
    ) {
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.rateMultiplier = rateMultiplier
    }
  }

  struct Moments {
    var first: Tensor
    var second: Tensor
    var stepCount: Int
  }

  /// What does not change from step to step.
  public let settings: Settings
  /// By parameter name; a parameter enters with its first gradient.
  var moments: [String: Moments] = [:]

  /// An optimizer that has not made a step.
  public init(_ settings: Settings = Settings()) { self.settings = settings }

  /// Moves every parameter that has a gradient by one step, in place.
  ///
  /// - Parameter scale: Multiplies every gradient first.
  public mutating func update(
    _ model: inout some Module, along gradients: Gradients, scaledBy scale: Double = 1,
    learningRate: Double
  ) {
    model.updateTensors { name, parameter, role in
      guard role == .parameter, let gradient = gradients[name] else { return }
      // Taken out of the dictionary, so that the moments have one owner and are written in place.
      var own =
        moments.removeValue(forKey: name)
        ?? Moments(
          first: .zeros(parameter.shape, precision: parameter.precision),
          second: .zeros(parameter.shape, precision: parameter.precision), stepCount: 0)
      own.stepCount += 1
      parameter.descend(
        along: gradient, firstMoment: &own.first, secondMoment: &own.second,
        AdamWStep(
          learningRate: learningRate * settings.rateMultiplier(name), beta1: settings.beta1,
          beta2: settings.beta2, epsilon: settings.epsilon,
          weightDecay: parameter.shape.count > 1 ? settings.weightDecay : 0, gradientScale: scale,
          number: own.stepCount))
      moments[name] = own
    }
  }
}
