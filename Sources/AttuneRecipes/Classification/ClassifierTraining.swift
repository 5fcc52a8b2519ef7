// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// From a file of labelled texts to a model folder, with a yardstick beside it.
///
/// The folder holds `best` and `last`, each a model that other programs open, and `checkpoints` to resume from.
public struct ClassifierTraining: TrainingRecipe {
  /// What is trained on what, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// CSV, TSV or JSON lines with labelled texts.
    public var data: String
    /// Such a file to validate with; nil: a part of `data` is kept for it.
    public var validation: String?
    /// The folder to be made.
    public var output: String
    /// A model folder to start from, `bundled` for the classifier that is compiled in, or `scratch`; nil: as an interrupted run
    /// began, else from scratch.
    public var origin: String?
    /// A classifier's folder, or `bundled`, that the model learns from beside the labels; nil: as an interrupted run, else nobody.
    public var teacher: String?
    /// What happens when `output` exists.
    public var existing = ExistingOutput.refused

    /// A request for a new folder.
    public init(data: String, output: String) {
      self.data = data
      self.output = output
    }
  }

  let request: Request
  let asked: ClassifierSettings
  let monitor: RecipeMonitor
  var output: RunOutput { RunOutput(request.output, request.existing) }
  var folder: TrainingRun { output.folder }

  /// Trains a classifier.
  public static func run(
    _ request: Request, settings: ClassifierSettings, monitor: RecipeMonitor
  ) throws -> ClassifierReport {
    try ClassifierTraining(request: request, asked: settings, monitor: monitor).perform()
  }

  private func perform() throws -> ClassifierReport {
    let meter = CostMeter()
    try output.check()
    try asked.checkEach()
    let saved = try output.saved(asked: asked)
    let known = saved.map { asked.merged(over: $0.settings) } ?? asked
    let teacher = try teacher(saved, known)
    let origin = try origin(saved, teacher, known)
    try origin?.checkShape(asked)
    let data = try ClassificationData(request, known, head: origin?.head ?? teacher?.head)
    try teacher?.check(data.task)
    monitor.notes(data.notes)
    monitor.warnings(data.warnings)
    try saved?.check(hashes: data.hashes)
    let plan = try ClassifierPlan(data, known, origin, teacher)
    let yardstick = try measureYardstick(data, plan.settings)
    try monitor.checkForStop()
    let (session, model) = try prepare(data, plan, origin, teacher)
    return try session.run(model, yardstick: yardstick, meter)
  }

  /// The model that the run starts from, or went from when it began.
  private func origin(
    _ saved: SavedRun<ClassifierSettings>?, _ teacher: Teacher?, _ settings: ClassifierSettings
  ) throws -> Origin? {
    if let saved, let asked = request.origin, try asked != saved.origin ?? Origin.scratch {
      throw TrainingRunError.resumedWithOther(settings: ["from"], run: folder.path)
    }
    let name = if let saved { try saved.origin } else { request.origin }
    if name == Origin.teacher {
      guard let teacher else { throw TeacherError.missing }
      return try Origin(layersOf: teacher, count: settings.layers ?? (teacher.layerCount + 1) / 2)
    }
    return try name.flatMap { $0 == Origin.scratch ? nil : try Origin($0) }
  }

  /// Whom the model learns from, if there is somebody.
  private func teacher(
    _ saved: SavedRun<ClassifierSettings>?, _ settings: ClassifierSettings
  ) throws -> Teacher? {
    if let saved, let asked = request.teacher, try asked != saved.teacher {
      throw TrainingRunError.resumedWithOther(settings: ["teacher"], run: folder.path)
    }
    let name = if let saved { try saved.teacher } else { request.teacher }
    return try name.map { try Teacher($0, products: settings.precision) }
  }

  private func measureYardstick(
    _ data: ClassificationData, _ settings: ClassifierSettings
  ) throws -> TaskEvaluation {
    let yardstick = ClassifierYardstick(data: data, settings: settings)
    let evaluation = try yardstick.measure()
    let scores = evaluation.summary(scoredBy: data.task.usualScore, labelNames: data.labels)
      .details.filter { $0.name != "cross_entropy" }.map { detail in
        "\(detail.name.replacing("_", with: " ")) \(detail.value.rounded4)"
      }
    monitor.note(
      "yardstick (\(yardstick.name) on words and word pairs): \(scores.joined(separator: ", "))")
    return evaluation
  }
}

extension SavedRun<ClassifierSettings> {
  /// What the run started from; nil: nothing.
  fileprivate var origin: String? {
    get throws { try json.optionalString(at: "from") }
  }
  /// Whom its model learns from; nil: nobody.
  fileprivate var teacher: String? {
    get throws { try json.optionalString(at: "teacher") }
  }
}
