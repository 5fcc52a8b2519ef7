// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

extension ClassifierTraining {
  /// Makes tokenizer, examples and model; the output folder comes last.
  func prepare(
    _ data: ClassificationData, _ plan: ClassifierPlan, _ origin: consuming Origin?,
    _ teacher: consuming Teacher?
  ) throws -> (ClassifierSession, TextClassifier) {
    let settings = plan.settings
    let tokenizer = try origin?.tokenizer ?? trainTokenizer(data, settings)
    let reader = ExampleReader(tokenizer, plan, isPair: data.columns.count == 2)
    let (training, validation) = (
      try reader.training(data.training, data.targets(of: data.training)),
      try reader.validation(data.validation, data.targets(of: data.validation))
    )
    monitor.notes(reader.notes(training.reading, validation.reading))
    let distillation = try teacher.map {
      try Distillation(
        $0, data, settings, labelled: training.examples, reader, tokenizer, monitor)
    }
    let key = RandomKey(seed: settings.seed ?? 0)
    let files =
      try origin?.tokenizerFiles() ?? tokenizer.files(maximumLength: settings.maximumLength)
    let configuration = self.configuration(plan, tokenizer, data)
    var model =
      try origin?.model(configuration, key: key) ?? TextClassifier(configuration, key: key)
    try WordVectors.start(
      &model.encoder.embeddings.token, from: settings.wordVectors, TokenTexts(tokenizer),
      texts: training.examples.lazy.flatMap(\.windows).map(\.ids), key: key, monitor)
    if plan.keepsHead, data.task == .regression {
      // It says numbers as they are, and learns them with mean 0 and deviation 1.
      model.head = model.head.standardized(by: NumberScale(of: training.examples.map(\.number)))
    }
    let frozen = try FrozenParameters(settings.frozen ?? [], in: model)
    describe(model, configuration, plan, frozen)
    try output.open {
      try writeRun(data, plan, teacher: distillation?.teacherName, result: nil)
    }
    let session = ClassifierSession(
      recipe: self, data: data, plan: plan, tokenizer: (tokenizer, files),
      configuration: configuration, frozen: frozen,
      examples: (training.examples, validation.examples), distillation: distillation,
      reading: ReadingReport(training: training.reading, validation: validation.reading))
    return (session, model)
  }

  /// The shape of the model, with the rates of dropout that are asked for.
  private func configuration(
    _ plan: ClassifierPlan, _ tokenizer: Tokenizer, _ data: ClassificationData
  ) -> ClassifierConfiguration {
    let settings = plan.settings
    var configuration =
      plan.configuration
      ?? settings.configuration(
        vocabularySize: tokenizer.vocabularySize, labels: data.labels, task: data.task)
    configuration.encoder.layer.dropout = settings.dropout ?? 0.1
    configuration.encoder.layer.attentionDropout = settings.attentionDropout ?? 0.1
    configuration.headDropout = settings.headDropout ?? 0.1
    return configuration
  }

  private func describe(
    _ model: TextClassifier, _ configuration: ClassifierConfiguration, _ plan: ClassifierPlan,
    _ frozen: FrozenParameters
  ) {
    monitor.note("model: \(configuration.summary), \(model.parameterCount) parameters")
    if let origin = plan.originName {
      monitor.note("from: \(origin), with \(plan.keepsHead ? "its own head" : "a new head")")
    }
    if let note = plan.fewShot.note { monitor.note(note) }
    var trained = 0
    model.forEachParameter { name, tensor in if frozen.trains(name) { trained += tensor.count } }
    if trained < model.parameterCount {
      monitor.note("frozen: all but \(trained) parameters")
    }
  }

  private func trainTokenizer(
    _ data: ClassificationData, _ settings: ClassifierSettings
  ) throws -> Tokenizer {
    let trainer = WordPieceTrainer(
      vocabularySize: settings.vocabularySize ?? 8_000, lowercases: settings.lowercases ?? true)
    let tokenizer = try trainer.train(on: data.training.examples.lazy.flatMap(\.parts))
    monitor.note("tokenizer: \(tokenizer.vocabularySize) word pieces")
    return tokenizer
  }

  /// Writes `run.json`: what the run was asked, and in the end what it came to.
  func writeRun(
    _ data: ClassificationData, _ plan: ClassifierPlan, teacher: String?, result: JSONValue?
  ) throws {
    // The folder as it was named, since a resumed run opens it again.
    let origin = (request.origin ?? plan.originName).map { JSONValue.string($0) } ?? .null
    var members = [("from", origin)]
    if let teacher { members.append(("teacher", .string(teacher))) }
    try output.write(plan.settings, hashes: data.hashes, members: members, result: result)
  }
}
