// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A loss summed over examples or tokens, with what it is to be divided by.
///
/// A step adds the sums and the weights of its micro-batches before it divides, so how examples are cut into
/// micro-batches changes nothing.
public struct WeightedLoss: Sendable {
  /// A single number.
  public let sum: Tensor
  /// The sum divided by this is the mean loss.
  public let weight: Double

  /// A sum of the given weight.
  public init(sum: Tensor, weight: Double) {
    self.sum = sum
    self.weight = weight
  }
}

/// What a model is trained to do.
public protocol Objective<Model>: Sendable {
  /// What is trained.
  associatedtype Model: Module
  /// What it learns from.
  associatedtype Example: Sendable

  /// Tokens that the example costs; batches are formed and speeds are given by it.
  func tokenCount(of example: Example) -> Int

  /// Returns the loss over the examples.
  ///
  /// Whatever is random about it takes its keys from the pass in `mode`.
  func loss(of model: Model, on examples: [Example], mode: Mode) -> WeightedLoss

  /// Restores what must hold of the model after each step, in place.
  func settle(_ model: inout Model)
}

extension Objective {
  /// Nothing must hold.
  public func settle(_ model: inout Model) {}
}
