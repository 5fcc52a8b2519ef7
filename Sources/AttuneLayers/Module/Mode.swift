// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Whether a network is used or trained; an argument of every call, never a flag inside a module.
public enum Mode {
  case inference
  case training(TrainingPass)

  /// The training pass, when this is one.
  public var pass: TrainingPass? {
    if case .training(let pass) = self { pass } else { nil }
  }

  /// How the factors of products with a table of tokens are rounded, which unlike the weight of a linear map cannot know it.
  public var tableProducts: ProductPrecision { pass?.products ?? .float32 }
}

/// One forward pass of training: hands out random keys and collects what changes besides the parameters.
///
/// Keys depend on seed, step, micro-batch and the order of calls only. Not `Sendable`: one pass belongs to one thread.
public final class TrainingPass {
  private let key: RandomKey
  private var places: UInt64 = 0
  /// How the factors of large products are rounded.
  let products: ProductPrecision
  /// New values of buffers, to be written by the trainer after the step.
  public private(set) var bufferUpdates = BufferUpdates()

  /// The pass of one micro-batch of one step.
  public init(
    seed: UInt64, step: Int, microBatch: Int = 0, products: ProductPrecision = .float32
  ) {
    key = RandomKey(seed: seed).place(UInt64(step)).place(UInt64(microBatch))
    self.products = products
  }

  /// Returns the key of the next place that needs random numbers.
  public func nextKey() -> RandomKey {
    places += 1
    return key.place(places)
  }

  /// Returns a pass that hands out the same keys as this one will from now on; what it collects is not this one's.
  func fork() -> TrainingPass {
    let fork = TrainingPass(key: key, products: products)
    fork.places = places
    return fork
  }

  private init(key: RandomKey, products: ProductPrecision) {
    (self.key, self.products) = (key, products)
  }

  /// Records the new value of a buffer of the model.
  public func update(_ buffer: Tensor, to value: Tensor) {
    bufferUpdates.record(buffer, value.detached())
  }
}

/// New values of a model's buffers. A module does not know its own path, so a buffer is known by its elements.
public struct BufferUpdates: Sendable {
  private var values: [TensorIdentity: (buffer: Tensor, value: Tensor)] = [:]

  /// Whether nothing changed.
  public var isEmpty: Bool { values.isEmpty }

  /// The new value of a buffer, if it has one.
  public subscript(buffer: Tensor) -> Tensor? { values[buffer.identity]?.value }

  mutating func record(_ buffer: Tensor, _ value: Tensor) {
    values[buffer.identity] = (buffer, value)
  }
}
