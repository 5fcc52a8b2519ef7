// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
public import AttuneLayers
internal import AttuneTensors

/// The mean of the models after the last evaluations, which does better than each of them (Vaswani et al. 2017, section
/// 6.1).
///
/// The models lie in a folder, so that a resumed run averages what an uninterrupted one does.
public final class ModelAverage<Model: Module> {
  /// Models that are averaged.
  public let count: Int
  private let folder: String
  private var models: [(step: Int, model: Model)] = []

  /// An average of the last `count` models, kept in `folder`.
  public init(count: Int, folder: String) {
    precondition(count > 0, "an average of \(count) models")
    (self.count, self.folder) = (count, folder)
  }

  /// Adds the model after a step and returns the mean of the last ones.
  public func mean(adding model: Model, step: Int) throws -> Model {
    guard count > 1 else { return model }
    try FileSystem.createFolder(folder)
    let bytes = try SafetensorsWriter(model.namedTensors, storage: .float32).bytes()
    try AtomicFile.write(bytes, to: path(of: step), existing: .replace)
    models.append((step, model))
    // Those before stay until no checkpoint can ask for them.
    for old in try savedSteps().dropLast(count + Self.spareCount) {
      try FileSystem.remove(path(of: old))
    }
    return mean()
  }

  /// Takes up the models up to the step that a run is resumed after.
  public func resume(after step: Int, like model: Model) throws {
    guard count > 1, FileSystem.isFolder(folder) else { return }
    let steps = try savedSteps()
    for later in steps where later > step { try FileSystem.remove(path(of: later)) }
    models = try steps.filter { $0 <= step }.suffix(count).map { step in
      var saved = model
      try saved.load(from: SafetensorsFile(path(of: step)))
      return (step, saved)
    }
  }

  /// As many as checkpoints may lie behind.
  private static var spareCount: Int { 4 }

  private func path(of step: Int) -> String {
    FileSystem.join(folder, "step-\(step).safetensors")
  }

  private func savedSteps() throws -> [Int] {
    try FileSystem.entries(of: folder).compactMap { name in
      guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
      return Int(name.dropFirst(5).dropLast(12))
    }.sorted()
  }

  private func mean() -> Model {
    models = models.suffix(count)
    guard var mean = models.last?.model else { preconditionFailure("an average of nothing") }
    var sums: [String: Tensor] = [:]
    for (_, model) in models {
      model.forEachTensor { name, tensor, _ in
        sums[name] = sums[name].map { $0 + tensor } ?? tensor
      }
    }
    let share = 1 / Double(models.count)
    mean.updateTensors { name, tensor, _ in
      if let sum = sums[name] { tensor = sum.scaled(by: share) }
    }
    return mean
  }
}
