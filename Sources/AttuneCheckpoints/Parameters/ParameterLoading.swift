// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneLayers
public import AttuneTensors

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

/// What becomes of the matrices of linear maps when they are loaded.
public enum WeightPacking: Sendable, Hashable {
  /// They are numbers, which can be trained and saved.
  case none
  /// They are packed for inference, in the format that the file has: 8-bit integers or Float32.
  case asStored
  /// They are packed for inference; of small ones `int8` keeps the numbers.
  case format(PackedMatrix.Format)
}

extension Module {
  /// Replaces every parameter and buffer by the file's, or throws and changes nothing.
  ///
  /// - Parameters:
  ///   - names: What the file calls them.
  ///   - packing: Whether the model is for inference alone: weights are packed then, one by one, and tables that the file has in
  ///     8-bit integers stay in them. No number is in memory twice.
  ///   - keepsInitial: Whether our parameter of a name may be missing and keep its present value,
  ///     as a new head on a pretrained encoder does.
  /// - Throws: One `ParameterLoadingError` with everything that does not fit.
  @discardableResult
  public mutating func load(
    from source: some TensorSource, names: ParameterNameMap = .identity,
    packing: WeightPacking = .none, keepsInitial: (String) -> Bool = { _ in false }
  ) throws -> ParameterLoadingReport {
    var plan = LoadingPlan(model: namedTensors, names: names, path: source.path)
    plan.assign(source.tensors)
    plan.report.warnings = source.warnings
    plan.collectMissing(keepsInitial)
    if packing != .none { plan.prepareWeights(weightNames, packing) }
    let loaded = try plan.read(source)
    guard plan.error.isEmpty else { throw plan.error }
    updateTensors { name, tensor, _ in
      if case .numbers(let value)? = loaded[ExactName(name)] {
        tensor = value.converted(to: tensor.precision)
      }
    }
    // A write to the numbers drops what is packed, so this comes last.
    updateWeights { name, weight in
      if case .packed(let matrix)? = loaded[ExactName(name)] { weight = Weight(packed: matrix) }
    }
    return plan.report
  }

  private var weightNames: Set<ExactName> {
    var (copy, names) = (self, Set<ExactName>())
    copy.updateWeights { name, _ in names.insert(ExactName(name)) }
    return names
  }

  /// Parameters and buffers under the names of another library.
  ///
  /// - Throws: `UnnamedParametersError` if the table has no rule for some.
  public func namedTensors(in names: ParameterNameMap) throws -> [NamedTensor] {
    var unnamed: [String] = []
    var result: [NamedTensor] = []
    let all = namedTensors
    let own = Dictionary(uniqueKeysWithValues: all.map { (ExactName($0.name), $0.tensor) })
    for (name, tensor) in all {
      guard let (theirs, parts) = names.stored(name) else {
        unnamed.append(name)
        continue
      }
      let present = parts.compactMap { own[ExactName($0)] }
      if parts.count == 1 {
        result.append((theirs, tensor))
      } else if present.count < parts.count {
        unnamed.append(name)
      } else if parts.first == name {
        result.append((theirs, .stacking(present)))
      }
    }
    guard unnamed.isEmpty else { throw UnnamedParametersError(names: unnamed) }
    return result
  }
}

/// A parameter as it was read.
private enum LoadedParameter {
  case numbers(Tensor)
  case packed(PackedMatrix)
}

/// Which tensor of a file goes where, and what does not fit.
private struct LoadingPlan {
  let model: [NamedTensor]
  let names: ParameterNameMap
  let places: [ExactName: Int]
  /// By place in the model.
  var stored: [Assignment?]
  var report = ParameterLoadingReport()
  var error: ParameterLoadingError
  /// The matrices of linear maps.
  private var weights: Set<ExactName> = []
  private var packing = WeightPacking.none

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
        if !assign(tensor, to: [ours]) { unexpected.append(tensor.name) }
      case .stacked(let ours):
        if !assign(tensor, to: ours) { unexpected.append(tensor.name) }
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

  /// Returns false when the model lacks one of the parameters.
  private mutating func assign(_ tensor: StoredTensor, to names: [String]) -> Bool {
    let places = names.compactMap { self.places[ExactName($0)] }
    guard places.count == names.count else { return false }
    if let first = places.compactMap({ stored[$0] }).first {
      error.repeated.append(.init(name: first.tensor.name, other: tensor.name))
      return true
    }
    let expected = stackedShape(of: places)
    for place in places {
      stored[place] = Assignment(
        tensor: tensor, places: places, isFitting: tensor.shape == expected)
    }
    if tensor.shape != expected {
      error.misshapen.append(.init(name: tensor.name, expected: expected, found: tensor.shape))
    }
    return true
  }

  private func stackedShape(of places: [Int]) -> [Int] {
    let shapes = places.map { model[$0].tensor.shape }
    guard shapes.count > 1 else { return shapes[0] }
    return [shapes.reduce(0) { $0 + $1[0] }] + shapes[0].dropFirst()
  }

  private func theirName(_ place: Int) -> String {
    names.theirs(of: model[place].name) ?? model[place].name
  }

  mutating func collectMissing(_ keepsInitial: (String) -> Bool) {
    for (place, (name, tensor)) in model.enumerated() where stored[place] == nil {
      if keepsInitial(name) {
        report.initial.append(name)
        continue
      }
      let parts = names.stored(name)?.parts ?? [name]
      let places = parts.compactMap { self.places[ExactName($0)] }
      // What is stored as one is missing as one.
      guard places.first == place || places.count < parts.count else { continue }
      let shape = places.count == parts.count ? stackedShape(of: places) : tensor.shape
      error.missing.append(.init(name: theirName(place), shape: shape))
    }
  }

  /// Lets the matrices of the given names be packed.
  mutating func prepareWeights(_ names: Set<ExactName>, _ packing: WeightPacking) {
    (weights, self.packing) = (names, packing)
  }

  /// Reads what fits, also when something else does not, so that all problems are told at once.
  mutating func read(_ source: some TensorSource) throws -> [ExactName: LoadedParameter] {
    var loaded: [ExactName: LoadedParameter] = [:]
    for place in model.indices {
      guard let stored = stored[place], stored.isFitting, stored.places.first == place else {
        continue
      }
      let name = stored.tensor.name
      let tensor: Tensor
      if packing != .none, stored.tensor.isQuantized {
        tensor = Tensor(quantized: try source.quantized(named: name))
      } else {
        tensor = try source.tensor(named: name)
      }
      if let problem = tensor.firstNonFinite(named: name) {
        error.nonFinite.append(problem)
      } else if error.isEmpty {
        let parts = tensor.unstacked(into: stored.places.map { model[$0].tensor.shape })
        for (place, part) in zip(stored.places, parts) {
          let own = ExactName(model[place].name)
          loaded[own] = weights.contains(own) ? packed(part) : .numbers(part)
        }
      }
    }
    return loaded
  }

  private func packed(_ tensor: Tensor) -> LoadedParameter {
    let quantized = tensor.quantized.flatMap {
      $0.columnCount <= QuantizedMatrix.inputLimit ? $0 : nil
    }
    let format: PackedMatrix.Format
    switch packing {
    case .none: return .numbers(tensor)
    case .asStored: format = quantized == nil ? .float32 : .int8
    case .format(let wanted): format = quantized == nil ? wanted.fitting(tensor.shape) : wanted
    }
    guard format == .int8, let quantized else {
      return .packed(PackedMatrix(tensor, format: format))
    }
    return .packed(PackedMatrix(quantized))
  }
}

/// A tensor of a file for a parameter, or for several that it holds one below the other.
private struct Assignment {
  let tensor: StoredTensor
  let places: [Int]
  let isFitting: Bool
}

extension Tensor {
  /// The parts one below the other.
  fileprivate static func stacking(_ parts: [Tensor]) -> Tensor {
    let below = concatenatingRows(
      parts.map { $0.reshaped([$0.shape[0], $0.count / max($0.shape[0], 1)]) })
    return below.reshaped([below.shape[0]] + parts[0].shape.dropFirst())
  }

  /// Takes apart what lies one below the other.
  fileprivate func unstacked(into shapes: [[Int]]) -> [Tensor] {
    guard shapes.count > 1 else { return [self] }
    let rows = reshaped([shape[0], count / max(shape[0], 1)])
    var first = 0
    return shapes.map { shape in
      let range = first..<first + shape[0]
      first = range.upperBound
      if let quantized { return Tensor(quantized: quantized.rows(range)) }
      return rows.rows(range.map { Int32($0) }).reshaped(shape)
    }
  }
}

extension Tensor {
  /// The first number that is infinite or not a number, or nil.
  func firstNonFinite(named name: String) -> ParameterLoadingError.NonFinite? {
    guard let quantized else {
      return converted(to: .float32).withUnsafeBytes {
        Self.firstNonFinite(of: $0.bindMemory(to: UInt32.self), named: name)
      }
    }
    // Integers are finite; what they are multiplied with need not be.
    return quantized.scales.withUnsafeBytes {
      Self.firstNonFinite(
        of: $0.bindMemory(to: UInt32.self), named: name + SafetensorsFile.scaleSuffix)
    }
  }

  private static func firstNonFinite(
    of bits: UnsafeBufferPointer<UInt32>, named name: String
  ) -> ParameterLoadingError.NonFinite? {
    let exponent: UInt32 = 0x7F80_0000
    // Without a branch in each step the compiler makes vectors of it.
    for start in stride(from: 0, to: bits.count, by: 1 << 12) {
      let part = start..<min(start + 1 << 12, bits.count)
      var largest: UInt32 = 0
      for index in part { largest = max(largest, bits[index] & exponent) }
      guard largest == exponent,
        let index = part.first(where: { bits[$0] & exponent == exponent })
      else { continue }
      let value = Float(bitPattern: bits[index])
      return .init(name: name, index: index, value: value.isNaN ? "nan" : "\(value)")
    }
    return nil
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
