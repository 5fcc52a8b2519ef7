// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the derivatives of this single number with respect to every tracked parameter it depends on.
  ///
  /// The walk is iterative, newest operation first, and empties each node after use: a graph can be walked once.
  public func gradients() -> Gradients {
    precondition(count == 1, "gradients of a tensor of shape \(shape)")
    var result = Gradients()
    guard let root = node else { return result }
    var pending: [ObjectIdentifier: Gradient] = [
      ObjectIdentifier(root): .dense(Tensor(repeating: 1, shape: shape, precision: precision))
    ]
    var order = GradientNode.reachable(from: root)
    while let node = order.popLast() {
      guard let gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      if let name = node.name {
        result.add(gradient, to: name)
        continue
      }
      guard case .dense(let dense) = gradient else {
        preconditionFailure("a gradient by rows reached an operation")
      }
      for (input, part) in zip(node.inputs, node.propagate(dense)) {
        guard let input, let part else { continue }
        let key = ObjectIdentifier(input)
        // Taken out first, so that the sum can be formed in place.
        if var present = pending.removeValue(forKey: key) {
          present.add(part)
          pending[key] = present
        } else {
          pending[key] = part
        }
      }
    }
    return result
  }
}

extension GradientNode {
  /// Every node that `root` depends on, oldest first.
  fileprivate static func reachable(from root: GradientNode) -> [GradientNode] {
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
    var found = [root]
    var index = 0
    while index < found.count {
      for case let input? in found[index].inputs where seen.insert(ObjectIdentifier(input)).inserted
      {
        found.append(input)
      }
      index += 1
    }
    return found.sorted { $0.order < $1.order }
  }
}
