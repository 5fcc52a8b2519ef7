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

/// A classifier's training once data, tokenizer and model are ready: steps, checkpoints, model folders.
struct ClassifierSession {
  typealias ClassifierTrainer = Trainer<ClassificationObjective<TransformerEncoder>>

  let recipe: ClassifierTraining
  let data: ClassificationData
  let plan: ClassifierPlan
  let tokenizer: Tokenizer
  /// The files of the tokenizer.
  let tokenizerFiles: [Tokenizer.File]
  let configuration: ClassifierConfiguration
  let frozen: FrozenParameters
  /// What a student learns from its teacher; nil: there is none.
  let distillation: Distillation?
  let training: [ClassificationExample]
  let validation: [ClassificationExample]
  let reading: ReadingReport
  private let judged = JudgedScores()

  init(
    recipe: ClassifierTraining, data: ClassificationData, plan: ClassifierPlan,
    tokenizer: (itself: Tokenizer, files: [Tokenizer.File]),
    configuration: ClassifierConfiguration, frozen: FrozenParameters,
    examples: (training: [ClassificationExample], validation: [ClassificationExample]),
    distillation: Distillation?, reading: ReadingReport
  ) {
    self.distillation = distillation
    (self.recipe, self.data, self.plan) = (recipe, data, plan)
    (self.tokenizer, tokenizerFiles) = tokenizer
    (self.configuration, self.frozen, self.reading) = (configuration, frozen, reading)
    (training, validation) = examples
  }

  var run: TrainingRun { recipe.folder }
  var settings: ClassifierSettings { plan.settings }
  private var task: ClassificationTask { data.task }
  private var score: EvaluationScore { settings.score ?? task.usualScore }

  /// Trains the model, which nobody else holds: so it is updated in place and never copied.
  func run(
    _ model: consuming TextClassifier, yardstick: TaskEvaluation, _ meter: CostMeter
  ) throws -> ClassifierReport {
    let trained = try train(model, meter)
    // A finished run that is resumed makes no step, so nothing has judged its model.
    if trained.outcome != .interrupted, judged.logits(after: trained.state.step) == nil {
      (judged.logits, judged.step) = (self.logits(of: trained.last), trained.state.step)
    }
    try write(trained.last, trained.state, to: run.last)
    if trained.writesBest, trained.outcome != .interrupted {
      try write(trained.best, trained.state, to: run.best)
    }
    let logits = self.logits(of: trained.best)
    let report = ClassifierReport(
      outcome: trained.outcome, task: task, labels: data.labels,
      evaluation: evaluation(of: logits), yardstick: yardstick, truth: validation.map(\.target),
      score: score, state: trained.state, reading: reading, calibration: calibration(of: logits),
      cost: meter.cost, run: run.path, layout: configuration.layout,
      reader: configuration.layout.reader(for: configuration.encoder.family))
    try recipe.writeRun(
      data, plan, teacher: distillation?.teacherName, result: result(report))
    return report
  }

  private func train(
    _ model: consuming TextClassifier, _ meter: CostMeter
  ) throws -> TrainedClassifier {
    if let distillation { return try trainStudent(model, distillation, meter) }
    return try plan.fewShot.isOn ? trainOnPairs(model, meter) : trainWhole(model, meter)
  }

  /// How long and how a model is trained.
  func plan(for model: borrowing TextClassifier) -> TrainingPlan {
    var plan = settings.plan
    // Often enough that a crash costs minutes, rarely enough that saving costs nothing.
    plan.checkpoint = .steps(model.parameterCount > 5_000_000 ? 2_000 : 500)
    return plan
  }

  /// Trains encoder and head together.
  private func trainWhole(
    _ model: consuming TextClassifier, _ meter: CostMeter
  ) throws -> TrainedClassifier {
    let plan = plan(for: model)
    let trainer = try ClassifierTrainer(
      model, objective: ClassificationObjective(comparison, tokenDropout: tokenDropout),
      examples: training, plan: plan, optimizer: optimizer, trains: frozen.trains)
    let session = TrainingSession<ClassificationObjective<TransformerEncoder>>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      judge: { model, step in judge(model, step: step) },
      writeBest: { model, state in try write(model, state, to: run.best) })
    let (outcome, trained) = try session.run(trainer)
    return TrainedClassifier(
      outcome: outcome, last: trained.model, best: trained.best ?? trained.model,
      state: trained.state, writesBest: false)
  }

  /// How a model does on the validation texts after a step.
  func judge(_ model: TextClassifier, step: Int) -> Evaluation {
    let logits = self.logits(of: model)
    (judged.logits, judged.step) = (logits, step)
    return evaluation(of: logits).summary(scoredBy: score, labelNames: data.labels)
  }

  /// What `run.json` says in the end.
  private func result(_ report: ClassifierReport) -> JSONValue {
    func details(_ evaluation: TaskEvaluation) -> [Evaluation.Detail] {
      evaluation.summary(scoredBy: score, labelNames: data.labels).details
    }
    return report.document(
      best: details(report.evaluation), ("yardstick", details(report.yardstick).json))
  }

  /// Hides words, where that is asked.
  var tokenDropout: TokenDropout? {
    let special = [
      tokenizer.padID, tokenizer.classificationID, tokenizer.separatorID, tokenizer.maskID,
    ]
    return tokenizer.maskID.map {
      TokenDropout(
        rate: settings.tokenDropout ?? 0, maskID: $0,
        protectedIDs: Set(special.compactMap { $0 }))
    }
  }

  var comparison: ClassificationLoss {
    switch task {
    case .singleLabel:
      .singleLabel(smoothing: settings.labelSmoothing ?? 0, classWeights: classWeights)
    case .ordinal:
      .ordinal(OrdinalTargets(labelCount: data.labels.count), classWeights: classWeights)
    case .multiLabel: .multiLabel
    case .regression: .regression(scale)
    }
  }

  /// Where the numbers of the training texts lie.
  private var scale: NumberScale { NumberScale(of: training.map(\.number)) }

  /// Inverse frequencies with mean 1 over the examples.
  var classWeights: [Float]? {
    guard settings.classWeight == .balanced else { return nil }
    var counts = [Int](repeating: 0, count: data.labels.count)
    for example in training { counts[example.label] += 1 }
    return counts.map { Float(training.count) / Float(counts.count * max($0, 1)) }
  }

  var optimizer: AdamW.Settings {
    let rates = LayerwiseRates(
      decay: settings.layerDecay ?? 1, headFactor: settings.headRateFactor ?? 1,
      layerCount: configuration.encoder.layerCount)
    var optimizer = AdamW.Settings()
    optimizer.weightDecay = settings.weightDecay ?? 0.01
    optimizer.rateMultiplier = rates.factor
    return optimizer
  }

  /// The model as others see it: one that learned numbers of mean 0 and deviation 1 says them as they are.
  private func plain(_ model: TextClassifier) -> TextClassifier {
    guard task == .regression else { return model }
    var plain = model
    plain.head = model.head.unstandardized(by: scale)
    return plain
  }

  /// The scores of the validation texts.
  private func logits(of model: TextClassifier) -> Tensor {
    plain(model).logits(pooledOver: validation)
  }

  /// How a model of these scores does on the validation texts.
  private func evaluation(of logits: Tensor) -> TaskEvaluation {
    let truths = validation.map(\.target)
    guard settings.tunesThresholds ?? false else {
      return TaskEvaluation(task, logits: logits, truths: truths)
    }
    let sets = validation.map(\.labels)
    let thresholds = MultiLabelThresholds.tuned(
      probabilities: MultiLabelEvaluation(logits: logits, truths: sets).probabilities,
      truths: sets, labelCount: data.labels.count)
    return TaskEvaluation(task, logits: logits, truths: truths, thresholds: thresholds)
  }

  /// What makes probabilities mean what they say; nil where the outputs are numbers.
  private func calibration(of logits: Tensor) -> TemperatureScaling? {
    TemperatureScaling(fittingLogits: logits, truths: validation.map(\.target))
  }

  /// Writes a model folder that takes the place of an older one.
  func write(_ model: TextClassifier, _ state: TrainingState, to path: String) throws {
    try ModelFolder.create(path, overwriting: true) { writer in
      try ClassifierFolder.write(
        plain(model), configuration, attune: facts(state), with: writer)
      for file in tokenizerFiles {
        try writer.write(file.bytes, to: file.name)
      }
    }
  }

  /// What `attune.json` says of the model.
  private func facts(_ state: TrainingState) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("task", .string(ClassifierFolder.attuneTask)),
      ("classification_task", .string(task.rawValue)),
      ("maximum_length", .integer(settings.maximumLength ?? 256)),
      ("text_columns", .array(data.columns.map { .string($0) })),
      ("text_treatment", .string(TextParts.treatment(ofColumns: data.columns.count))),
    ]
    if let column = data.labelColumn { members.append(("label_column", .string(column))) }
    switch data.choice.reading {
    case .whole: break
    case .separated(_, let separator): members.append(("label_separator", .string(separator)))
    case .columns(let columns):
      members.append(("label_columns", .array(columns.map { .string($0) })))
    }
    if let windowing = settings.windowing {
      members.append(("window", .integer(windowing.length)))
      members.append(("stride", .integer(windowing.stride)))
    }
    // A model that was interrupted between two evaluations is written without what they tell.
    if let logits = judged.logits(after: state.step) {
      if let calibration = calibration(of: logits) {
        members.append(("calibration", calibration.json))
      }
      if settings.tunesThresholds ?? false, case .labelSets(let evaluation) = evaluation(of: logits)
      {
        members.append(("thresholds", .array(evaluation.thresholds.map { .number(Double($0)) })))
      }
    }
    return .object(JSONObject(members + [("training", training(state))]))
  }

  private func training(_ state: TrainingState) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("data", .string(FileSystem.name(of: recipe.request.data))),
      ("data_sha256", .array(data.hashes.map { .string($0) })),
      ("from", plan.originName.map { .string(FileSystem.name(of: $0)) } ?? .null),
      ("examples", .integer(distillation?.examples.count ?? training.count)),
      ("validation_examples", .integer(validation.count)),
    ]
    if let distillation {
      members.append(("teacher", .string(FileSystem.name(of: distillation.teacherName))))
    }
    members += state.facts
    members.append(("settings", settings.json))
    return .object(JSONObject(members))
  }
}

/// The scores that the validation texts got last: what is written of a model follows from them.
private final class JudgedScores {
  var logits: Tensor?
  var step: Int?

  func logits(after step: Int) -> Tensor? { self.step == step ? logits : nil }
}

extension TemperatureScaling {
  /// What `attune.json` says of it.
  fileprivate var json: JSONValue {
    [
      "temperature": .number(temperature), "validation_nll_before": .number(crossEntropy.before),
      "validation_nll_after": .number(crossEntropy.after),
      "ece_before": .number(calibrationError.before),
      "ece_after": .number(calibrationError.after), "answers": .integer(caseCount),
    ]
  }
}
