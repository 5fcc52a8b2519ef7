// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

extension AdamW {
  private static let firstSuffix = ".first_moment"
  private static let secondSuffix = ".second_moment"
  private static let stepSuffix = ".step"

  /// Moments and step counts under the names of their parameters, for a checkpoint.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    moments.sorted { $0.key < $1.key }.flatMap { name, moments in
      [
        (name + Self.firstSuffix, moments.first),
        (name + Self.secondSuffix, moments.second),
        // Two numbers below 2^24, each exact in Float32.
        (
          name + Self.stepSuffix,
          Tensor([Float(moments.stepCount >> 20), Float(moments.stepCount & 0xF_FFFF)])
        ),
      ]
    }
  }

  /// An optimizer that goes on where the one that gave `namedTensors` stood.
  ///
  /// - Throws: `TrainingError.optimizerState` that lists everything that does not fit `model`.
  public init(
    _ settings: Settings = Settings(), restoring namedTensors: [(name: String, tensor: Tensor)],
    for model: some Module
  ) throws(TrainingError) {
    self.init(settings)
    var saved = Dictionary(namedTensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    var problems: [String] = []
    model.forEachParameter { name, parameter in
      let first = saved.removeValue(forKey: name + Self.firstSuffix)
      let second = saved.removeValue(forKey: name + Self.secondSuffix)
      let step = saved.removeValue(forKey: name + Self.stepSuffix)
      if first == nil, second == nil, step == nil { return }
      guard let first, let second, let step, step.shape == [2] else {
        problems.append("\(name): first_moment, second_moment and step [2] belong together")
        return
      }
      guard first.shape == parameter.shape, second.shape == parameter.shape else {
        problems.append(
          "\(name): moments \(first.shape) and \(second.shape), expected \(parameter.shape)")
        return
      }
      let parts = step.values
      moments[name] = Moments(
        first: first, second: second, stepCount: Int(parts[0]) << 20 + Int(parts[1]))
    }
    problems += saved.keys.sorted().map { "\($0): the model has no such parameter" }
    guard problems.isEmpty else { throw .optimizerState(problems) }
  }
}
