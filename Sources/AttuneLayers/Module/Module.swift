// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// A part of a network: parameters in `var` properties, settings in `let` properties, and one listing of both.
///
/// A module is a value. A copy is a snapshot, and in inference a module is a constant that any number of threads may use.
public protocol Module: Sendable {
  /// Visits every parameter, buffer and submodule under the name of its property.
  mutating func visitParameters(_ visit: ParameterVisitor)
}

extension Module {
  /// Calls `body` with the name and value of every parameter, in the order of the listing.
  public func forEachParameter(_ body: (String, Tensor) -> Void) {
    forEachTensor { name, tensor, role in
      if role == .parameter { body(name, tensor) }
    }
  }

  /// Calls `body` with the name, value and role of every tensor that is saved, in the order of the listing.
  public func forEachTensor(_ body: (String, Tensor, TensorRole) -> Void) {
    var copy = self
    copy.updateTensors { name, tensor, role in body(name, tensor, role) }
  }

  /// Calls `body` with every tensor that is saved, for writing.
  public mutating func updateTensors(_ body: (String, inout Tensor, TensorRole) -> Void) {
    withoutActuallyEscaping(body) { visitParameters(ParameterVisitor($0)) }
  }

  /// Names and values of every tensor that is saved, in the order of the listing.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    var result: [(String, Tensor)] = []
    forEachTensor { name, tensor, _ in result.append((name, tensor)) }
    return result
  }

  /// Number of trained numbers.
  public var parameterCount: Int {
    var count = 0
    forEachParameter { count += $1.count }
    return count
  }

  /// Returns the module with every tensor in another precision.
  public func converted(to precision: Precision) -> Self {
    var copy = self
    copy.updateTensors { _, tensor, _ in tensor = tensor.converted(to: precision) }
    return copy
  }

  /// Writes what a training pass found for the buffers, once its step is done.
  public mutating func apply(_ updates: BufferUpdates) {
    guard !updates.isEmpty else { return }
    updateTensors { _, tensor, role in
      if role == .buffer, let value = updates[tensor] { tensor = value }
    }
  }

  /// Gives every buffer elements of its own. Copies of one module in a model share them until one is written, and an update of
  /// one would be taken for an update of all.
  public mutating func separateBuffers() {
    updateTensors { _, tensor, role in
      if role == .buffer { tensor.withMutableStorage { _ in } }
    }
  }

  /// Calls `body` with the path and the value of every matrix of a linear map, for writing.
  public mutating func updateWeights(_ body: (String, inout Weight) -> Void) {
    withoutActuallyEscaping(body) { visitParameters(ParameterVisitor(weights: $0)) }
  }

  /// Returns the module with its weights packed for inference.
  ///
  /// - Parameter keepsValues: Whether the weights themselves are kept beside; without them the module takes less memory.
  public func prepared(for format: PackedMatrix.Format, keepsValues: Bool = true) -> Self {
    var copy = self
    copy.updateWeights { _, weight in
      weight = weight.packed(as: format, keepsValues: keepsValues)
    }
    return copy
  }

  /// Returns the module with the products of its linear maps rounded as `products` says, in training too; parameters and their
  /// gradients stay Float32.
  public func multiplying(in products: ProductPrecision) -> Self {
    var copy = self
    copy.updateWeights { _, weight in weight.products = products }
    return copy
  }
}
