// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// What a backward pass hands to an operation.
package struct BackwardCall {
  /// Derivative of the loss with respect to the operation's result, of its shape.
  package let gradient: Tensor
  /// What the operation saved, detached.
  package let saved: [Tensor]
  /// Whether each input's gradient is wanted.
  package let needed: [Bool]
}

/// How a value was computed: the inputs that matter, what was saved, and the derivative.
///
/// Nodes are numbered at creation; inputs are older than results, so the numbers are the order of the reverse walk.
final class GradientNode: @unchecked Sendable {
  typealias Backward = (BackwardCall) -> [Gradient?]

  let order: Int
  /// The parameter's name, for a leaf.
  let name: String?
  private(set) var inputs: [GradientNode?]
  private(set) var saved: [Tensor]
  private var backward: Backward?

  private static let counter = Atomic<Int>(0)

  init(inputs: [GradientNode?], saved: [Tensor], backward: @escaping Backward) {
    order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    name = nil
    self.inputs = inputs
    self.saved = saved
    self.backward = backward
  }

  init(parameter name: String) {
    order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    self.name = name
    inputs = []
    saved = []
  }

  /// Returns the gradients of the inputs and forgets what was saved for them.
  func propagate(_ gradient: Tensor) -> [Gradient?] {
    guard let backward else { return [] }
    let call = BackwardCall(gradient: gradient, saved: saved, needed: inputs.map { $0 != nil })
    saved = []
    self.backward = nil
    return backward(call)
  }

  /// Releases a chain of nodes one after the other: a recurrent net over thousands of tokens would overflow the stack
  /// if each node released the one before it.
  deinit {
    var pending = inputs.compactMap { $0 }
    inputs = []
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) {
        pending.append(contentsOf: node.inputs.compactMap { $0 })
        node.inputs = []
      }
    }
  }
}

extension Tensor {
  /// Returns `result` with its derivative attached, when one of `inputs` depends on a tracked parameter.
  ///
  /// - Parameters:
  ///   - saved: What `backward` needs; kept detached.
  ///   - backward: Returns one gradient for each input, nil where it is not needed.
  package static func recorded(
    _ result: Tensor, from inputs: [Tensor?], saving saved: [Tensor] = [],
    backward: @escaping (BackwardCall) -> [Gradient?]
  ) -> Tensor {
    guard inputs.contains(where: { $0?.node != nil }) else { return result }
    let node = GradientNode(
      inputs: inputs.map { $0?.node }, saved: saved.map { $0.detached() }, backward: backward)
    return Tensor(shape: result.shape, storage: result.storage, node: node)
  }

  /// Returns the value as a tracked parameter called `name`.
  public func tracked(as name: String) -> Tensor {
    Tensor(shape: shape, storage: storage, node: GradientNode(parameter: name))
  }
}
