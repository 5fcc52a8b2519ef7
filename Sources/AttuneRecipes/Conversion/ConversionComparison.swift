// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneData
public import AttuneFormats
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTraining

/// How far a converted model is from the one that it was made of, on texts of a file.
public struct ConversionComparison: Sendable, Hashable {
  /// What was compared.
  public enum Measure: Sendable, Hashable {
    /// The share of texts with the right label, by the model and by the converted one.
    case accuracy(before: Double, after: Double)
    /// The share of texts to which both give the same labels.
    case agreement(Double)
    /// The mean difference of the numbers that both give, over the standard deviation of the model's.
    case difference(Double)
    /// The BLEU of the translations, by the model and by the converted one.
    case bleu(before: Double, after: Double)
    /// The cosine of the vectors that both give: its mean and the least.
    case cosine(mean: Double, least: Double)
  }

  /// What was compared.
  public let measure: Measure
  /// Texts of the file.
  public let textCount: Int

  /// What was lost, 0 for nothing and 1 for everything; a gain is negative.
  public var loss: Double {
    switch measure {
    case .accuracy(let before, let after): before - after
    case .bleu(let before, let after): (before - after) / 100
    case .agreement(let share): 1 - share
    case .difference(let difference): difference
    case .cosine(let mean, _): 1 - mean
    }
  }

  /// The comparison in words.
  public var summary: String {
    func text(_ value: Double) -> String { "\((value * 100_000).rounded() / 100_000)" }
    let found =
      switch measure {
      case .accuracy(let before, let after):
        "accuracy \(text(before)) before, \(text(after)) after"
      case .bleu(let before, let after): "BLEU \(text(before)) before, \(text(after)) after"
      case .agreement(let share): "the same labels for \(text(share)) of the texts"
      case .difference(let difference):
        "numbers \(text(difference)) standard deviations apart on average"
      case .cosine(let mean, let least):
        "cosine to the vectors before: mean \(text(mean)), least \(text(least))"
      }
    return "\(found) (\(textCount) text\(textCount == 1 ? "" : "s"))"
  }
}

/// The texts that a conversion is measured on, and what it may cost.
public struct ConversionCheck: Sendable {
  /// The file of texts, with labels for a classifier of one label a text, with translations for a translator.
  public var file: String
  /// The columns of the text; empty: found by their names.
  public var textColumns: [String] = []
  /// The column of the label; nil: found by its name.
  public var labelColumn: String?
  /// How the fields of the file stand.
  public var options = DelimitedOptions()
  /// The largest loss that is accepted.
  public var tolerance = 0.005

  /// A check on the texts of a file.
  public init(file: String) { self.file = file }

  /// Compares two folders of one model.
  public func compare(_ original: String, with converted: String) throws -> ConversionComparison {
    if try FolderKind(ofFolder: original) == .translator {
      return try comparedTranslations(original, converted)
    }
    guard try ClassifierFolder.isClassifier(ModelFolder(original)) else {
      return try comparedVectors(original, converted)
    }
    let models = try [original, converted].map { try TextClassification(contentsOf: $0) }
    guard models[0].task == .singleLabel || models[0].task == .ordinal else {
      return comparedAnswers(models, try texts(trainedOn: models[0].textColumns))
    }
    let trained = models[0].textColumns
    let table = try Table(path: file, options: options)
    let set = try LabelledTextSet(
      table,
      textColumns: textColumns.isEmpty && trained.allSatisfy(table.columns.contains)
        ? trained : textColumns,
      labels: .whole(
        column: labelColumn
          ?? models[0].labelColumn.flatMap { table.columns.contains($0) ? $0 : nil }),
      emptyTexts: .dropped)
    let matching = try LabelMatching(set.labels, known: models[0].labels, file: file)
    let shares = models.map { model in
      let answers = model.classify(set.examples.map { TextParts($0.parts) })
      let right = zip(answers, set.examples).count { answer, example in
        matching[example.label].map { model.labels[$0] } == answer.label
      }
      return Double(right) / Double(set.examples.count)
    }
    return ConversionComparison(
      measure: .accuracy(before: shares[0], after: shares[1]), textCount: set.examples.count)
  }

  private func comparedTranslations(
    _ original: String, _ converted: String
  ) throws -> ConversionComparison {
    let pairs = try TranslationPairs(.table(file)).pairs
    let models = try [original, converted].map { try Translation(contentsOf: $0) }
    let scores = models.map { model in
      let translations = model.translate(pairs.map(\.source)).map(\.text)
      return BLEU().score(of: translations, references: pairs.map { [$0.target] }).value
    }
    return ConversionComparison(
      measure: .bleu(before: scores[0], after: scores[1]), textCount: pairs.count)
  }

  private func comparedAnswers(
    _ models: [TextClassification], _ texts: [TextParts]
  ) -> ConversionComparison {
    let answers = models.map { $0.classify(texts) }
    guard models[0].task == .regression else {
      let same = zip(answers[0], answers[1]).count { $0.labels == $1.labels }
      return ConversionComparison(
        measure: .agreement(Double(same) / Double(texts.count)), textCount: texts.count)
    }
    let numbers = answers.map { $0.map { $0.number ?? 0 } }
    let count = Double(texts.count)
    let mean = numbers[0].reduce(0, +) / count
    let deviation = (numbers[0].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    let apart = zip(numbers[0], numbers[1]).reduce(0) { $0 + abs($1.0 - $1.1) } / count
    return ConversionComparison(
      measure: .difference(apart == 0 ? 0 : apart / deviation), textCount: texts.count)
  }

  private func comparedVectors(
    _ original: String, _ converted: String
  ) throws -> ConversionComparison {
    let texts = try texts(trainedOn: []).map(\.joined)
    // Both are opened before the work begins.
    let models = try [original, converted].map { try TextEmbedding(contentsOf: $0) }
    let vectors = models.map { $0.embed(texts) as Embeddings }
    let cosines = texts.indices.map {
      Double(EmbeddingSimilarity.cosine(vectors[0][$0], vectors[1][$0]))
    }
    return ConversionComparison(
      measure: .cosine(
        mean: cosines.reduce(0, +) / Double(cosines.count), least: cosines.min() ?? 1),
      textCount: texts.count)
  }

  /// The texts of the file, which needs no labels.
  private func texts(trainedOn trained: [String]) throws -> [TextParts] {
    let table = try Table(path: file, options: options)
    let named =
      textColumns.isEmpty && trained.allSatisfy(table.columns.contains) ? trained : textColumns
    let choice = try ColumnChoice(
      columns: table.columns, file: table.name, textNamed: named, label: .optional)
    var texts: [TextParts] = []
    while let record = try table.next() {
      texts.append(TextParts(try choice.text.map { try record[$0] }))
    }
    guard !texts.isEmpty else { throw NoValidationTextsError(file: file) }
    return texts
  }
}

/// A file that was to measure a conversion and holds nothing.
public struct NoValidationTextsError: AttuneError, Equatable {
  let file: String

  /// The file is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String { "\(file): there are no texts, expected some to measure with." }
}

/// A conversion that costs more than was allowed.
public struct ConversionLossError: AttuneError, Equatable {
  /// What was measured.
  public let comparison: ConversionComparison
  /// What was allowed.
  public let tolerance: Double

  /// The work was done and its result refused.
  public var exitCode: ExitStatus { .failure }

  /// The message for the user.
  public var description: String {
    "\(comparison.summary): this loses more than --tolerance \(tolerance), so nothing was written. "
      + "Try --weights bfloat16, or allow more."
  }
}
