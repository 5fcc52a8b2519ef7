// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A pretraining once texts, tokenizer and model are ready: steps, evaluations, model folders.
struct PretrainingSession {
  typealias MaskedObjective = MaskedTokenObjective<MaskedLanguageModel>

  let recipe: Pretraining
  let tokenizer: PretrainingTokenizer
  /// What is written: the rates of dropout are those for fine-tuning.
  let configuration: EncoderConfiguration
  let hashes: [String]
  private(set) var settings: PretrainingSettings
  private let training: MaskedObjective
  private let validation: MaskedObjective
  private let windows: [CorpusWindow]
  private let judgedWindows: [CorpusWindow]
  private let counts: [Int]
  private let meanLength: Double

  init(
    recipe: Pretraining, settings: PretrainingSettings, tokenizer: PretrainingTokenizer,
    configuration: EncoderConfiguration, data: PretrainingData, hashes: [String]
  ) {
    (self.recipe, self.settings, self.tokenizer) = (recipe, settings, tokenizer)
    (self.configuration, self.hashes) = (configuration, hashes)
    func objective(_ corpus: TokenCorpus) -> MaskedObjective {
      let isPaired = settings.nextSentence == true
      return MaskedObjective(
        PackedCorpus(
          corpus, packing: settings.packing ?? .continuous,
          windowLength: settings.windowLength ?? 256,
          classificationID: tokenizer.classificationID, separatorID: tokenizer.separatorID),
        TokenMasking(
          settings.masking, maskID: tokenizer.maskID,
          isSpecial: tokenizer.tokenizer.specialTokenTable,
          continuesWord: tokenizer.tokenizer.wordContinuationTable),
        sentenceEnds: isPaired ? tokenizer.tokenizer.sentenceEndIDs : nil)
    }
    (training, validation) = (objective(data.training), objective(data.validation))
    (windows, counts) = (training.corpus.windows, data.training.counts)
    judgedWindows = Self.sample(validation.corpus)
    let tokens = windows.reduce(0) { [training] in $0 + training.tokenCount(of: $1) }
    meanLength = Double(tokens) / Double(max(windows.count, 1))
  }

  private var run: TrainingRun { recipe.output.folder }

  /// Windows to judge by: all, or as many at random as cost little beside the steps.
  private static func sample(_ corpus: PackedCorpus) -> [CorpusWindow] {
    let windows = corpus.windows
    let order = RandomKey(seed: 0).place(0x1D6E).shuffled(windows.count)
    return Array(order.map { windows[$0] }.prefix(max(1, judgedTokens / corpus.windowLength)))
  }

  private static let judgedTokens = 1 << 17

  /// The texts in words.
  var notes: [String] {
    let packing =
      switch settings.packing ?? .continuous {
      case .continuous: "documents end to end"
      case .documents: "a document each"
      }
    return [
      "texts: \(training.corpus.corpus.documentCount.grouped) documents of "
        + "\(training.corpus.corpus.tokenCount.grouped) tokens to train on, "
        + "\(validation.corpus.corpus.documentCount.grouped) of "
        + "\(validation.corpus.corpus.tokenCount.grouped) to validate with",
      "windows: \(windows.count.grouped) of \(settings.windowLength ?? 256) tokens at most, "
        + "\(packing); \(Int((100 * settings.masking.rate).rounded())) % of the "
        + "\(settings.masking.wholeWords ? "words" : "tokens") are hidden",
    ]
  }

  /// Turns a budget or a number of epochs into the number of steps that the run has from now on.
  ///
  /// - Parameter spent: Seconds that are gone already.
  mutating func settleSteps(_ model: MaskedLanguageModel, spent: () -> Double) throws {
    guard settings.maximumSteps == nil else { return }
    let plan = settings.plan(steps: 1_000_000, meanLength: meanLength)
    let mean = plan.ramp?.meanMicroBatches(most: plan.batching.microBatchesPerStep) ?? 1
    let single = Batching(plan.batching.strategy)
    let batches = single.stepCount(lengths: windows.map { training.tokenCount(of: $0) })
    guard let budget = settings.budget else {
      let steps = Double((settings.epochs ?? 1) * batches) / mean
      settings.maximumSteps = max(1, Int(steps.rounded(.up)))
      return
    }
    recipe.monitor.note("measuring some steps, to know how many fit into the budget")
    let found = try measured(model, plan, budget: budget)
    let length = PretrainingBudget.Length(
      meanMicroBatches: mean, evaluations: settings.evaluations ?? 20)
    let left = budget - spent()
    let steps = found.steps(in: left, length)
    settings.maximumSteps = steps
    let epochs = Double(steps) * mean / Double(max(batches, 1))
    let tokens = epochs * meanLength * Double(windows.count)
    recipe.monitor.note(
      "budget: \(steps.grouped) steps of \(Int(tokens / Double(steps)).grouped) tokens on average, "
        + "\(Int(tokens).grouped) tokens in all, \((10 * epochs).rounded() / 10) times the texts; "
        + "from now on the steps count, not the time "
        + "(the same run again: --max-steps \(steps) in place of --budget)")
    recipe.monitor.warnings(found.warnings(seconds: left, length))
  }

  /// Measures steps that leave no trace: they are made by a copy, at a learning rate of 0.
  private func measured(
    _ model: MaskedLanguageModel, _ plan: TrainingPlan, budget: Double
  ) throws -> PretrainingBudget {
    var measured = plan
    measured.ramp = nil
    measured.schedule.peak = 0
    var trainer = try trainer(model, measured)
    let steps = trainer.firstEpoch
    return try PretrainingBudget(
      microBatches: plan.batching.microBatchesPerStep, limit: min(60, 0.02 * budget),
      step: { round, count in
        let batches = steps[round % steps.count]
        _ = try trainer.step(on: (0..<count).map { batches[$0 % batches.count] })
      }, judge: { _ = evaluation(of: trainer.model) })
  }

  /// Trains the model, which nobody else holds: so it is updated in place and never copied.
  func run(_ model: consuming MaskedLanguageModel, _ meter: CostMeter) throws -> PretrainingReport {
    let parameterCount = model.parameterCount
    let plan = settings.plan(steps: settings.maximumSteps ?? 1, meanLength: meanLength)
    let frequency = FrequencyLine()
    let session = TrainingSession<MaskedObjective>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      judge: { model, step in
        let found = evaluation(of: model)
        if let note = frequency.note(found, step: step) { recipe.monitor.note(note) }
        return found.evaluation
      },
      writeBest: { model, state in try write(model, state, to: run.best) })
    let (outcome, trainer) = try session.run(trainer(model, plan))
    try write(trainer.model, trainer.state, to: run.last)
    let report = PretrainingReport(
      outcome: outcome, evaluation: evaluation(of: trainer.best ?? trainer.model),
      state: trainer.state, cost: meter.cost, parameterCount: parameterCount, run: run.path,
      reader: "transformers (\(configuration.family.architecture(with: .maskedTokens)))")
    try recipe.output.write(settings, hashes: hashes, result: report.json)
    return report
  }

  private func trainer(
    _ model: consuming MaskedLanguageModel, _ plan: TrainingPlan
  ) throws -> Trainer<MaskedObjective> {
    let optimizer = AdamW.Settings(
      weightDecay: settings.weightDecay ?? 0.01, beta1: 0.9, beta2: 0.98, epsilon: 1e-6)
    return try Trainer(
      model, objective: training, examples: windows, plan: plan, optimizer: optimizer)
  }

  private func evaluation(of model: MaskedLanguageModel) -> MaskedTokenEvaluation {
    MaskedTokenEvaluation(model, validation, on: judgedWindows, trainingCounts: counts)
  }

  /// Writes a model folder that takes the place of an older one.
  private func write(
    _ model: MaskedLanguageModel, _ state: TrainingState, to path: String
  ) throws {
    try ModelFolder.create(path, overwriting: true) { writer in
      try MaskedTokenFolder.write(model, configuration, with: writer)
      for file in tokenizer.files { try writer.write(file.bytes, to: file.name) }
      try writer.write(facts(state), to: ModelFolder.attuneFile)
    }
  }

  /// What `attune.json` says of the model.
  private func facts(_ state: TrainingState) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("data", .array(recipe.request.corpus.map { .string(FileSystem.name(of: $0)) })),
      ("data_sha256", .array(hashes.map { .string($0) })),
      ("from", settings.origin.map { .string(FileSystem.name(of: $0)) } ?? .null),
      ("documents", .integer(training.corpus.corpus.documentCount)),
      ("validation_documents", .integer(validation.corpus.corpus.documentCount)),
    ]
    members += state.facts
    members.append(("settings", settings.json))
    return ["task": "masked-tokens", "training": .object(JSONObject(members))]
  }
}

/// Tells once that a model knows more than frequencies.
private final class FrequencyLine {
  private var isBeaten = false

  func note(_ found: MaskedTokenEvaluation, step: Int) -> String? {
    guard !isBeaten else { return nil }
    let (loss, frequencies) = (found.loss.rounded4, found.frequencyLoss.rounded4)
    guard found.beatsFrequency else {
      return
        "step \(step): loss \(loss) is no better than guessing by frequency (\(frequencies)) yet"
    }
    isBeaten = true
    return "step \(step): loss \(loss) has beaten guessing by frequency (\(frequencies))"
  }
}
