// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Compares gradients with central differences, everything in double precision.
///
/// Small parameters are compared element by element, large ones along random directions. Every parameter must have a
/// gradient. A result of many numbers is first weighted into one.
///
/// - Parameters:
///   - module: Converted to double precision here; what else `body` uses must be double too.
///   - tolerance: Largest relative error of a parameter.
///   - body: Pure: two calls with equal parameters give equal results.
public func expectGradients<M: Module>(
  of module: M, tolerance: Double = 1e-6, _ body: (M) throws -> Tensor
) throws {
  let module = module.converted(to: .float64)
  func loss(_ module: M) throws -> Tensor { try body(module).spreadToOneNumber() }
  let (value, gradients) = try valueAndGradients(of: module, loss)
  let plain = try loss(module).doubles[0]
  var findings: [String] = []
  if plain != value.doubles[0] { findings.append("tracked: \(value.doubles[0]), not \(plain)") }
  let floor = 1e-3 * max(1, abs(plain))
  for (name, parameter) in module.namedParameters {
    guard let gradient = gradients[name]?.dense(shape: parameter.shape) else {
      findings.append("\(name): no gradient")
      continue
    }
    guard gradient.shape == parameter.shape else {
      findings.append("\(name): gradient of shape \(gradient.shape), not \(parameter.shape)")
      continue
    }
    let (expected, found) = try slopes(
      of: module, along: directions(for: parameter), name: name, gradient: gradient.doubles, loss)
    let error = relativeDistance(found, expected, floor: floor)
    if !(error <= tolerance) {
      findings.append(
        "\(name): relative error \(error); differences \(expected.prefix(6)), gradient \(found.prefix(6))"
      )
    }
  }
  try Disagreement.require(none: findings)
}

/// As the check of a module, for named tensors.
public func expectGradients(
  of tensors: [String: Tensor], tolerance: Double = 1e-6, _ body: (NamedTensors) throws -> Tensor
) throws {
  try expectGradients(of: NamedTensors(tensors), tolerance: tolerance, body)
}

extension Module {
  fileprivate var namedParameters: [(String, Tensor)] {
    var result: [(String, Tensor)] = []
    forEachParameter { result.append(($0, $1)) }
    return result
  }
}

/// Every axis of a small parameter; random directions of a large one.
private func directions(for parameter: Tensor) -> [[Double]] {
  let count = parameter.count
  if count <= 48 {
    return (0..<count).map { axis in (0..<count).map { $0 == axis ? 1 : 0 } }
  }
  return (0..<16).map { index in
    let drawn = Tensor.drawn([count], seed: UInt64(1000 + index)).doubles
    let length = drawn.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return drawn.map { $0 / length }
  }
}

/// The slope of the loss along each direction: by central differences, and by the gradient.
private func slopes<M: Module>(
  of module: M, along directions: [[Double]], name: String, gradient: [Double],
  _ loss: (M) throws -> Tensor
) throws -> (expected: [Double], found: [Double]) {
  let step = 4e-6
  let expected = try directions.map { direction in
    let ahead = try loss(module.moved(name, by: step, along: direction)).doubles[0]
    let behind = try loss(module.moved(name, by: -step, along: direction)).doubles[0]
    return (ahead - behind) / (2 * step)
  }
  let found = directions.map { zip($0, gradient).reduce(0) { $0 + $1.0 * $1.1 } }
  return (expected, found)
}

extension Module {
  fileprivate func moved(_ moving: String, by step: Double, along direction: [Double]) -> Self {
    var copy = self
    copy.updateTensors { name, tensor, _ in
      guard name == moving else { return }
      tensor = Tensor(
        doubles: zip(tensor.doubles, direction).map { $0 + step * $1 }, shape: tensor.shape)
    }
    return copy
  }
}
