// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Returns `body(module, input, mode)` without keeping what its operations would save: the backward pass computes them again
/// (Chen et al. 2016). Trades a second forward pass for memory.
///
/// The second pass draws the same random numbers as the first, so the gradients are those of the plain call.
///
/// - Parameter body: Depends on nothing tracked but the module and the input.
public func checkpointed<M: Module>(
  _ module: M, _ input: Tensor, mode: Mode, _ body: @escaping (M, Tensor, Mode) -> Tensor
) -> Tensor {
  let replay: Mode = mode.pass.map { .training($0.fork()) } ?? .inference
  var parameters: [Tensor] = []
  module.forEachParameter { _, tensor in parameters.append(tensor) }
  var plain = module
  plain.updateTensors { _, tensor, _ in tensor = tensor.detached() }
  let result = body(plain, input.detached(), mode)
  return .recorded(result, from: [input] + parameters, saving: [input]) { call in
    var tracked = plain
    var names: [String] = []
    tracked.updateTensors { name, tensor, role in
      guard role == .parameter else { return }
      names.append(name)
      if call.needed[names.count] { tensor = tensor.tracked(as: name) }
    }
    // No parameter is called so: names are paths of properties.
    let inputName = "input of the checkpointed part"
    let output = body(tracked, call.saved[0].tracked(as: inputName), replay)
    let gradients = (output * call.gradient).sum().gradients()
    return ([inputName] + names).map { gradients[$0] }
  }
}
