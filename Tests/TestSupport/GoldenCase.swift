// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
public import AttuneLayers
public import AttuneTensors

/// One computation of another program: inputs drawn alike on both sides, its result and its gradients in float64.
public struct GoldenCase: Sendable {
  private let fields: JSONField
  /// What it is applied to, in double precision.
  public let inputs: [String: Tensor]

  /// The case of a name in a file, as `GoldenCase("softmax", in: "Layers/operations.json")`.
  public init(_ name: String, in file: String) throws {
    fields = try InputFile.json(of: Golden.path(file)).field(at: "cases", name)
    var inputs: [String: Tensor] = [:]
    for (name, field) in try fields.members(at: "inputs") {
      let shape = try field.integers(at: "shape")
      let drawn = Tensor.drawn(
        shape, seed: UInt64(try field.integer(at: "seed")), scale: try field.double(at: "scale"))
      let offset = try field.double(at: "offset")
      inputs[name] = Tensor(doubles: drawn.doubles.map { $0 + offset }, shape: shape)
    }
    self.inputs = inputs
  }

  /// Integers that the case was computed with.
  public func ids(_ name: String) throws -> [Int32] {
    try fields.integers(at: name).map { Int32($0) }
  }

  /// Integers, or nil when the case was computed without them.
  public func optionalIDs(_ name: String) throws -> [Int32]? {
    try fields.has(name) ? ids(name) : nil
  }

  /// Numbers that the case was computed with.
  public func numbers(_ name: String) throws -> [Float] {
    try fields.doubles(at: name).map { Float($0) }
  }

  /// Numbers that the case was computed with, in double precision.
  public func exactNumbers(_ name: String) throws -> [Double] { try fields.doubles(at: name) }

  /// A layout of the lengths under a name.
  public func layout(_ name: String) throws -> SequenceLayout {
    SequenceLayout(lengths: try fields.integers(at: name))
  }

  /// Computes the same in both precisions and compares result and gradients.
  public func expectAgreement(_ compute: (NamedTensors) throws -> Tensor) throws {
    try expectAgreement(of: NamedTensors(inputs), compute)
  }

  /// As for tensors, for a module whose parameters are the inputs.
  public func expectAgreement<M: Module>(
    of module: M, _ compute: (M) throws -> Tensor
  ) throws {
    let filled = try module.filled(with: inputs)
    try Disagreement.require(
      none: findings(filled, tolerance: 1e-10, compute).map { "double: \($0)" }
        + findings(filled.converted(to: .float32), tolerance: 1e-5, compute).map { "float: \($0)" })
  }

  private func findings<M: Module>(
    _ module: M, tolerance: Double, _ compute: (M) throws -> Tensor
  ) throws -> [String] {
    var output: [Double] = []
    let gradients = try valueAndGradients(of: module) { module in
      let result = try compute(module)
      output = result.doubles
      return result.spreadToOneNumber()
    }.gradients
    var findings: [String] = []
    func compare(_ name: String, _ found: [Double], _ expected: [Double], floor: Double) {
      let error = relativeDistance(found, expected, floor: floor)
      if !(error <= tolerance) {
        findings.append("\(name): \(error) apart: \(found.prefix(6)), not \(expected.prefix(6))")
      }
    }
    compare("result", output, try fields.doubles(at: "output"), floor: 1e-3)
    let expected = try Dictionary(
      uniqueKeysWithValues: fields.members(at: "gradients").map { ($0.key, try $0.field.doubles()) }
    )
    // A gradient that is zero by theory is compared with the length of all of them.
    let floor = 1e-2 * expected.values.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    for (name, values) in expected.sorted(by: { $0.key < $1.key }) {
      let shape = inputs[name]?.shape ?? []
      let found = gradients[name]?.dense(shape: shape).doubles
      compare("gradient of \(name)", found ?? [], values, floor: floor)
    }
    return findings
  }
}

extension Module {
  /// Returns the module with every tensor replaced by the one of its name.
  fileprivate func filled(with tensors: [String: Tensor]) throws -> Self {
    var copy = self
    var findings: [String] = []
    var unused = Set(tensors.keys)
    copy.updateTensors { name, tensor, _ in
      unused.remove(name)
      guard let given = tensors[name], given.shape == tensor.shape else {
        findings.append("\(name): \(tensor.shape), given \(tensors[name]?.shape ?? [])")
        return
      }
      tensor = given
    }
    findings += unused.sorted().map { "\($0): not in the module" }
    try Disagreement.require(none: findings)
    return copy
  }
}
