// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Evaluates `loss` with every parameter of `model` tracked: the only way to gradients.
///
/// The tracked copy dies inside, so the caller's model owns its elements alone and the optimizer can write in place.
///
/// - Parameter trains: Whether the parameter of a name is to be trained; the others stay constants.
/// - Returns: The loss, detached, and its gradients by parameter name.
public func valueAndGradients<M: Module>(
  of model: M, where trains: (String) -> Bool = { _ in true }, _ loss: (M) throws -> Tensor
) rethrows -> (value: Tensor, gradients: Gradients) {
  let value = try loss(tracked(model, where: trains))
  return (value.detached(), value.gradients())
}

private func tracked<M: Module>(_ model: M, where trains: (String) -> Bool) -> M {
  withoutActuallyEscaping(trains) { trains in
    var copy = model
    copy.updateTensors { name, tensor, role in
      if role == .parameter, trains(name) { tensor = tensor.tracked(as: name) }
    }
    return copy
  }
}
