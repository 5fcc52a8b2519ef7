// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttunePipelines
internal import AttuneTraining

/// The labelled texts of a run, checked and divided.
struct ClassificationData {
  let training: LabelledTextSet
  let validation: LabelledTextSet
  let labels: [String]
  let columns: [String]
  /// What was found, for the user.
  var notes: [String] = []
  var warnings: [String] = []
  /// SHA-256 of the files.
  let hashes: [String]

  /// Reads, checks and divides; throws before anything is written.
  init(_ request: ClassifierTraining.Request, _ settings: ClassifierSettings) throws {
    let options = try settings.delimitedOptions()
    func read(_ path: String) throws -> LabelledTextSet {
      try LabelledTextSet(
        path: path, textColumns: settings.textColumns ?? [], labelColumn: settings.labelColumn,
        options: options)
    }
    let all = try read(request.data)
    if let path = request.validation {
      validation = try read(path)
      training = all
      try all.checkForTraining(validation: validation)
    } else {
      try all.checkForTraining()
      let split = try StratifiedSplit(
        all, fraction: settings.validationFraction ?? 0.1, seed: settings.seed ?? 0)
      training = all.subset(split.training)
      validation = all.subset(split.validation)
    }
    labels = all.labels
    columns = all.choice.map { choice in choice.text.map { choice.columns[$0] } } ?? []
    hashes = try [request.data, request.validation].compactMap { $0 }.map {
      "\(try SHA256.hash(file: $0))"
    }
    describe(all, request)
  }

  private mutating func describe(_ all: LabelledTextSet, _ request: ClassifierTraining.Request) {
    if let choice = all.choice { notes.append("columns: \(choice)") }
    if columns.count > 1 {
      notes.append("texts: \(TextParts.treatment(ofColumns: columns.count))")
    }
    let report = all.report()
    notes.append(
      "labels: "
        + report.counts.map { "\($0.label) \($0.count)" }.joined(separator: ", "))
    notes.append(
      request.validation == nil
        ? "split: \(training.examples.count) to train, \(validation.examples.count) to validate (stratified; --validation FILE overrides)"
        : "training: \(training.examples.count) texts, validation: \(validation.examples.count)")
    func warn(_ lines: [Int], _ what: String) {
      guard !lines.isEmpty else { return }
      let shown = lines.prefix(5).map(String.init).joined(separator: ", ")
      warnings.append(
        "\(lines.count) \(what) (line\(lines.count > 1 ? "s" : "") \(shown)\(lines.count > 5 ? ", …" : ""))"
      )
    }
    warn(report.duplicateLines, "texts stand in the file more than once")
    warn(report.nearDuplicateLines, "texts repeat another but for case and spaces")
    warn(report.conflicts.map { $0[0] }, "texts carry more than one label")
    warn(
      training.leaks(into: validation),
      "validation texts stand in the training file too: the score will be too good")
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

  /// Index of each example's label.
  func labelIndices(_ set: LabelledTextSet) -> [Int] {
    let index = Dictionary(
      uniqueKeysWithValues: labels.enumerated().map { (Array($0.element.utf8), $0.offset) })
    return set.examples.map { index[Array($0.label.utf8)] ?? 0 }
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
