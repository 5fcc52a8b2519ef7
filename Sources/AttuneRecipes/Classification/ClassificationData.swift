// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTraining

/// The labelled texts of a run, checked and divided.
struct ClassificationData {
  let choice: TaskChoice
  let training: LabelledTextSet
  let validation: LabelledTextSet
  /// The names of the outputs.
  let labels: [String]
  let columns: [String]
  /// Where the label stood, unless labels have columns of their own.
  let labelColumn: String?
  /// What was found, for the user.
  var notes: [String] = []
  var warnings: [String] = []
  /// SHA-256 of the files.
  let hashes: [String]

  var task: ClassificationTask { choice.task }

  /// Reads, checks and divides; throws before anything is written.
  ///
  /// - Parameter head: The head of the model that the training starts from.
  init(
    _ request: ClassifierTraining.Request, _ settings: ClassifierSettings, head: Origin.Head?
  ) throws {
    let choice = try TaskChoice(settings, head: head)
    self.choice = choice
    let options = try settings.delimitedOptions()
    func read(_ path: String) throws -> LabelledTextSet {
      try LabelledTextSet(
        path: path, textColumns: settings.textColumns ?? [], labels: choice.reading,
        options: options)
    }
    let all = try read(request.data)
    labels = try choice.labels(of: all, settings, head: head)
    if let path = request.validation {
      validation = try read(path)
      training = all
      try all.checkForTraining(
        validation: choice.task == .regression ? nil : validation,
        labels: choice.task == .ordinal ? labels : nil)
      if choice.task == .regression { _ = try validation.numbers() }
    } else {
      try all.checkForTraining()
      let split = try Self.split(all, settings, choice)
      training = all.subset(split.training)
      validation = all.subset(split.validation)
    }
    columns = all.choice.map { choice in choice.text.map { choice.columns[$0] } } ?? []
    labelColumn = all.choice.flatMap { choice in choice.label.map { choice.columns[$0] } }
    let files = [request.data, request.validation].compactMap { $0 } + (settings.unlabelled ?? [])
    hashes = try files.map {
      "\(try SHA256.hash(file: $0))"
    }
    describe(all, request, settings)
  }

  private static func split(
    _ set: LabelledTextSet, _ settings: ClassifierSettings, _ choice: TaskChoice
  ) throws -> StratifiedSplit {
    do {
      return try StratifiedSplit(
        set, fraction: settings.validationFraction ?? 0.1, seed: settings.seed ?? 0,
        strata: choice.strata)
    } catch let error {
      let isNumeric = set.labels.allSatisfy { LabelledTextSet.number($0) != nil }
      guard choice.task == .singleLabel, isNumeric, set.labels.count > 20 else { throw error }
      throw ClassifierTrainingError.looksLikeNumbers(set.file, labelCount: set.labels.count)
    }
  }

  private mutating func describe(
    _ all: LabelledTextSet, _ request: ClassifierTraining.Request, _ settings: ClassifierSettings
  ) {
    if let choice = all.choice { notes.append("columns: \(choice)") }
    if columns.count > 1 {
      notes.append("texts: \(TextParts.treatment(ofColumns: columns.count))")
    }
    let report = all.report()
    notes.append("task: \(task.rawValue)")
    notes.append(describe(report, all))
    if let suggestion = choice.suggestion(for: all, isAsked: settings.task != nil) {
      notes.append(suggestion)
    }
    notes.append(
      request.validation == nil
        ? "split: \(training.examples.count) to train, \(validation.examples.count) to validate "
          + "(\(task == .regression ? "random" : "stratified"); --validation FILE overrides)"
        : "training: \(training.examples.count) texts, validation: \(validation.examples.count)")
    warn(report.duplicateLines, "texts stand in the file more than once")
    warn(report.nearDuplicateLines, "texts repeat another but for case and spaces")
    warn(report.conflicts.map { $0[0] }, "texts carry more than one label")
    warn(
      training.leaks(into: validation),
      "validation texts stand in the training file too: the score will be too good")
  }

  private func describe(_ report: LabelledTextReport, _ all: LabelledTextSet) -> String {
    if task == .regression {
      let numbers = all.examples.compactMap { LabelledTextSet.number($0.label) }
      let mean = NumberScale(of: numbers).mean
      return "numbers: \(numbers.min() ?? 0) to \(numbers.max() ?? 0), \(mean.rounded4) on average"
    }
    let order = task == .ordinal ? " (from the lowest to the highest)" : ""
    let counts = labels.prefix(30).map { label in
      "\(label) \(report.counts.first { $0.label.utf8.elementsEqual(label.utf8) }?.count ?? 0)"
    }
    let rest = labels.count > 30 ? " and \(labels.count - 30) more" : ""
    return "labels\(order): \(counts.joined(separator: ", "))\(rest)"
  }

  private mutating func warn(_ lines: [Int], _ what: String) {
    guard !lines.isEmpty else { return }
    let shown = lines.prefix(5).map(String.init).joined(separator: ", ")
    warnings.append(
      "\(lines.count) \(what) (line\(lines.count > 1 ? "s" : "") \(shown)\(lines.count > 5 ? ", …" : ""))"
    )
  }

  /// Sizes for the choice of a recipe.
  var size: ClassificationDataSize {
    let words = training.examples.map { example in
      example.parts.reduce(0) { $0 + $1.utf8.lazy.filter { $0 == 0x20 }.count + 1 }
    }
    let count = max(words.count, 1)
    return ClassificationDataSize(
      exampleCount: words.count, meanWords: Double(words.reduce(0, +)) / Double(count),
      longShare: Double(words.lazy.filter { $0 > 190 }.count) / Double(count))
  }

  /// What the model should say of each example.
  func targets(of set: LabelledTextSet) throws -> [ClassificationTarget] {
    try choice.targets(of: set, labels: labels)
  }
}

extension ClassifierSettings {
  /// How the files are read.
  func delimitedOptions() throws -> DelimitedOptions {
    var options = DelimitedOptions()
    if let encoding { options.encoding = try Self.value(encoding, "encoding") }
    if let delimiter { options.delimiter = try Self.value(delimiter, "delimiter") }
    return options
  }

  private static func value<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ what: String
  ) throws -> Choice {
    guard let choice = Choice(rawValue: name) else {
      throw ClassifierTrainingError.unknownName(
        name, what: what, known: Choice.allCases.map(\.rawValue))
    }
    return choice
  }
}
