// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What every module promises.
public enum ModuleContract {
  /// Checks a module that is applied to the states of sequences: names, copies, derivatives of parameters and input, and
  /// that a sequence's result does not depend on what else is in its batch.
  ///
  /// - Parameters:
  ///   - lengths: Of the sequences; 0 and 1 belong among them where the module allows it.
  ///   - dimension: Columns of the states.
  ///   - constants: Paths of tensors that are settings, not parameters.
  ///   - body: Applies the module.  [tokens, dimension] -> a row a token or a row a sequence
  public static func check<M: Module>(
    _ module: M, lengths: [Int], dimension: Int, constants: Set<String> = [],
    _ body: (M, PackedStates, Mode) -> Tensor
  ) throws {
    try checkListing(of: module, constants: constants)
    let layout = SequenceLayout(lengths: lengths)
    let states = Tensor.drawn([layout.tokenCount, dimension], seed: 77)
    for mode in [{ Mode.inference }, { Mode.training(TrainingPass(seed: 3, step: 1)) }] {
      try expectGradients(of: WithInput(inner: module, input: states)) {
        body($0.inner, PackedStates(states: $0.input, layout: layout), mode())
      }
    }
    let parts = lengths.indices.map { sequence in
      PackedStates(
        states: states.rows(layout.rows(of: sequence).map { Int32($0) }),
        layout: SequenceLayout(lengths: [lengths[sequence]]))
    }
    try checkIndependence(
      of: module, batch: PackedStates(states: states, layout: layout), alone: parts
    ) { body($0, $1, .inference) }
  }

  /// Checks a module that is applied to token ids, likewise.
  public static func check<M: Module>(
    _ module: M, tokens: [[Int32]], constants: Set<String> = [],
    _ body: (M, TokenBatch, Mode) -> Tensor
  ) throws {
    try checkListing(of: module, constants: constants)
    let batch = TokenBatch(tokens)
    for mode in [{ Mode.inference }, { Mode.training(TrainingPass(seed: 3, step: 1)) }] {
      try expectGradients(of: module) { body($0, batch, mode()) }
    }
    try checkIndependence(of: module, batch: batch, alone: tokens.map { TokenBatch([$0]) }) {
      body($0, $1, .inference)
    }
  }

  /// Names are those of the properties, and a copy or a conversion is a value.
  public static func checkListing<M: Module>(of module: M, constants: Set<String> = []) throws {
    var findings: [String] = []
    let visited = module.namedTensors.map(\.name)
    let stored = Set(tensorPaths(in: module, at: "")).subtracting(constants)
    findings += stored.subtracting(visited).sorted().map { "\($0): a property, not visited" }
    findings += Set(visited).subtracting(stored).sorted().map { "\($0): visited, no property" }
    if Set(visited).count != visited.count {
      findings.append("a name is visited twice: \(visited)")
    }
    findings += copyFindings(module) + writeFindings(module)
    try Disagreement.require(none: findings)
  }

  private static func copyFindings<M: Module>(_ module: M) -> [String] {
    let before = module.namedTensors.map(\.tensor.doubles)
    var copy = module
    copy.updateTensors { _, tensor, _ in
      tensor.assign(tensor.values.map { $0 + 1 })
    }
    var findings: [String] = []
    if module.namedTensors.map(\.tensor.doubles) != before {
      findings.append("writing to a copy changed the module")
    }
    if module.parameterCount > 0, copy.namedTensors.map(\.tensor.doubles) == before {
      findings.append("writing to a copy was lost")
    }
    let converted = module.converted(to: .float64)
    if converted.namedTensors.contains(where: { $0.tensor.precision != .float64 })
      || converted.namedTensors.map(\.tensor.doubles) != before
    {
      findings.append("converting to double changed the values or missed a tensor")
    }
    return findings
  }

  /// Tensors whose elements an optimizer could not write in place.
  private static func writeFindings<M: Module>(_ module: M) -> [String] {
    // The conversion owns its elements alone.
    var own = module.converted(to: .float64)
    var findings: [String] = []
    own.updateTensors { name, tensor, _ in
      let before = tensor.identity
      tensor.withMutableStorage { _ in }
      if tensor.identity != before {
        findings.append("\(name): a write through the listing copies")
      }
    }
    return findings
  }

  private static func checkIndependence<M: Module, Batch>(
    of module: M, batch: Batch, alone: [Batch], _ body: (M, Batch) -> Tensor
  ) throws {
    let module = module.converted(to: .float64)
    let together = body(module, batch).doubles
    let apart = alone.flatMap { body(module, $0).doubles }
    let error = relativeDistance(together, apart)
    try Disagreement.require(
      none: error <= 1e-12 ? [] : ["a batch and its sequences alone are \(error) apart"])
  }

  /// Paths of all tensors that the properties hold.
  private static func tensorPaths(in value: Any, at path: String) -> [String] {
    switch value {
    case is Tensor, is Weight: [path]
    case let modules as [any Module]:
      modules.enumerated().flatMap { tensorPaths(in: $0.element, at: "\(path).\($0.offset)") }
    case let module as any Module:
      Mirror(reflecting: module).children.flatMap { child in
        tensorPaths(
          in: child.value, at: path.isEmpty ? child.label ?? "" : "\(path).\(child.label ?? "")")
      }
    default:
      Mirror(reflecting: value).displayStyle == .optional
        ? Mirror(reflecting: value).children.flatMap { tensorPaths(in: $0.value, at: path) } : []
    }
  }
}
