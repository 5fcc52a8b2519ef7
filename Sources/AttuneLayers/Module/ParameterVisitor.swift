// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// What a saved tensor is for.
public enum TensorRole: Sendable, Hashable {
  /// Trained.
  case parameter
  /// Saved and loaded, never trained: running statistics, input normalisation.
  case buffer
}

/// Walks through a module's listing; one call for each property.
public struct ParameterVisitor {
  private let path: String
  private let body: (String, inout Tensor, TensorRole) -> Void
  private let weightBody: ((String, inout Weight) -> Void)?

  /// A visitor that calls `body` with each tensor's path, value and role.
  init(_ body: @escaping (String, inout Tensor, TensorRole) -> Void) {
    self.init(path: "", body: body, weightBody: nil)
  }

  /// A visitor of the matrices of linear maps alone.
  init(weights body: @escaping (String, inout Weight) -> Void) {
    self.init(path: "", body: { _, _, _ in }, weightBody: body)
  }

  private init(
    path: String, body: @escaping (String, inout Tensor, TensorRole) -> Void,
    weightBody: ((String, inout Weight) -> Void)?
  ) {
    self.path = path
    self.body = body
    self.weightBody = weightBody
  }

  private func path(to name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// Visits a parameter.
  public func callAsFunction(_ name: String, _ tensor: inout Tensor) {
    guard weightBody == nil else { return }
    body(path(to: name), &tensor, .parameter)
  }

  /// Visits a parameter that may be absent.
  public func callAsFunction(_ name: String, _ tensor: inout Tensor?) {
    guard weightBody == nil, var present = tensor else { return }
    tensor = nil
    body(path(to: name), &present, .parameter)
    tensor = present
  }

  /// Visits the matrix of a linear map.
  public func callAsFunction(_ name: String, _ weight: inout Weight) {
    if let weightBody {
      weightBody(path(to: name), &weight)
    } else {
      body(path(to: name), &weight.values, .parameter)
    }
  }

  /// Visits a submodule.
  public func callAsFunction(_ name: String, _ module: inout some Module) {
    module.visitParameters(descending(to: name))
  }

  /// Visits a submodule that may be absent.
  public func callAsFunction<M: Module>(_ name: String, _ module: inout M?) {
    guard var present = module else { return }
    module = nil
    present.visitParameters(descending(to: name))
    module = present
  }

  /// Visits submodules under their indices.
  public func callAsFunction<M: Module>(_ name: String, _ modules: inout [M]) {
    for index in modules.indices {
      modules[index].visitParameters(descending(to: "\(name).\(index)"))
    }
  }

  /// Visits a tensor that is saved and loaded but never trained.
  public func buffer(_ name: String, _ tensor: inout Tensor) {
    guard weightBody == nil else { return }
    body(path(to: name), &tensor, .buffer)
  }

  private func descending(to name: String) -> ParameterVisitor {
    ParameterVisitor(path: path(to: name), body: body, weightBody: weightBody)
  }
}
