// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneLayers
internal import AttuneTensors

/// What loading did besides filling every parameter.
public struct ParameterLoadingReport: Sendable, Equatable {
  /// A tensor of the file that was not read.
  public struct Ignored: Sendable, Equatable {
    /// Its name in the file.
    public let name: String
    /// Why a rule leaves it out.
    public let reason: String
  }

  /// The tensors of the file that rules leave out.
  public internal(set) var ignored: [Ignored] = []
  /// Our names of the parameters that the file lacks and that keep their initial values.
  public internal(set) var initial: [String] = []
  /// What is odd about the file.
  public internal(set) var warnings: [String] = []
}

extension Module {
  /// Replaces every parameter and buffer by the file's, or throws and changes nothing.
  ///
  /// - Parameters:
  ///   - names: What the file calls them.
  ///   - keepsInitial: Whether our parameter of a name may be missing and keep its present value,
  ///     as a new head on a pretrained encoder does.
  /// - Throws: One `ParameterLoadingError` with everything that does not fit.
  @discardableResult
  public mutating func load(
    from source: some TensorSource, names: ParameterNameMap = .identity,
    keepsInitial: (String) -> Bool = { _ in false }
  ) throws -> ParameterLoadingReport {
    var plan = LoadingPlan(model: namedTensors, names: names, path: source.path)
    plan.assign(source.tensors)
    plan.report.warnings = source.warnings
    plan.collectMissing(keepsInitial)
    let loaded = try plan.read(source)
    guard plan.error.isEmpty else { throw plan.error }
    updateTensors { name, tensor, _ in
      if let value = loaded[ExactName(name)] { tensor = value.converted(to: tensor.precision) }
    }
    return plan.report
  }

  /// Parameters and buffers under the names of another library.
  ///
  /// - Throws: `UnnamedParametersError` if the table has no rule for some.
  public func namedTensors(in names: ParameterNameMap) throws -> [NamedTensor] {
    var unnamed: [String] = []
    var result: [NamedTensor] = []
    for (name, tensor) in namedTensors {
      if let theirs = names.theirs(of: name) {
        result.append((theirs, tensor))
      } else {
        unnamed.append(name)
      }
    }
    guard unnamed.isEmpty else { throw UnnamedParametersError(names: unnamed) }
    return result
  }
}

/// Which tensor of a file goes where, and what does not fit.
private struct LoadingPlan {
  let model: [NamedTensor]
  let names: ParameterNameMap
  let places: [ExactName: Int]
  /// By place in the model.
  var stored: [StoredTensor?]
  var report = ParameterLoadingReport()
  var error: ParameterLoadingError

  init(model: [NamedTensor], names: ParameterNameMap, path: String) {
    (self.model, self.names) = (model, names)
    places = Dictionary(
      uniqueKeysWithValues: model.enumerated().map { (ExactName($0.element.name), $0.offset) })
    stored = Array(repeating: nil, count: model.count)
    error = ParameterLoadingError(path: path)
  }

  mutating func assign(_ tensors: [StoredTensor]) {
    var unexpected: [String] = []
    for tensor in tensors {
      switch names.meaning(of: tensor.name) {
      case .ignored(let reason):
        report.ignored.append(.init(name: tensor.name, reason: reason))
      case .ours(let ours):
        if let place = places[ExactName(ours)] {
          assign(tensor, to: place)
        } else {
          unexpected.append(tensor.name)
        }
      case .unknown: unexpected.append(tensor.name)
      }
    }
    let absent = model.indices.filter { stored[$0] == nil }.map(theirName)
    let all = model.indices.map(theirName)
    for (count, name) in unexpected.enumerated() {
      // Suggestions are for readers, who see only the first ones, and cost a comparison of all.
      let isShown = count < MessageTable.rowLimit
      let nearest = isShown ? nearest(to: name, in: absent) ?? nearest(to: name, in: all) : nil
      error.unexpected.append(.init(name: name, nearest: nearest))
    }
  }

  private func nearest(to name: String, in candidates: [String]) -> String? {
    EditDistance.nearest(to: name, in: candidates)
  }

  private mutating func assign(_ tensor: StoredTensor, to place: Int) {
    if let first = stored[place] {
      error.repeated.append(.init(name: first.name, other: tensor.name))
      return
    }
    stored[place] = tensor
    if tensor.shape != model[place].tensor.shape {
      error.misshapen.append(
        .init(name: tensor.name, expected: model[place].tensor.shape, found: tensor.shape))
    }
  }

  private func theirName(_ place: Int) -> String {
    names.theirs(of: model[place].name) ?? model[place].name
  }

  mutating func collectMissing(_ keepsInitial: (String) -> Bool) {
    for (place, (name, tensor)) in model.enumerated() where stored[place] == nil {
      if keepsInitial(name) {
        report.initial.append(name)
      } else {
        error.missing.append(.init(name: theirName(place), shape: tensor.shape))
      }
    }
  }

  /// Reads what fits, also when something else does not, so that all problems are told at once.
  mutating func read(_ source: some TensorSource) throws -> [ExactName: Tensor] {
    var loaded: [ExactName: Tensor] = [:]
    for (place, (name, expected)) in model.enumerated() {
      guard let stored = stored[place], stored.shape == expected.shape else { continue }
      let tensor = try source.tensor(named: stored.name)
      if let problem = tensor.firstNonFinite(named: stored.name) {
        error.nonFinite.append(problem)
      } else if error.isEmpty {
        loaded[ExactName(name)] = tensor
      }
    }
    return loaded
  }
}

extension Tensor {
  /// The first number that is infinite or not a number, or nil.
  func firstNonFinite(named name: String) -> ParameterLoadingError.NonFinite? {
    let floats = converted(to: .float32)
    return floats.withUnsafeBytes { bytes in
      let bits = bytes.bindMemory(to: UInt32.self)
      let exponent: UInt32 = 0x7F80_0000
      guard let index = bits.firstIndex(where: { $0 & exponent == exponent }) else { return nil }
      let value = Float(bitPattern: bits[index])
      return .init(name: name, index: index, value: value.isNaN ? "nan" : "\(value)")
    }
  }
}

/// Parameters for which a table of names has no rule.
public struct UnnamedParametersError: AttuneError, Equatable {
  /// Our names.
  public let names: [String]

  /// The table is at fault.
  public var exitCode: ExitStatus { .software }

  /// The message for the user.
  public var description: String {
    "the table of names has no rule for: \(names.joined(separator: ", ")). "
      + "Add one, or save under our own names."
  }
}
