// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTokenizers

/// Texts in, labels and probabilities out: a tokenizer and a classifier together.
///
/// ```swift
/// let classifier = try TextClassification.bundled()
/// let prediction = classifier.classify("A wonderful, moving film.")
/// print(prediction.label, prediction.score)
/// ```
/// A value without state: any number of threads may share one.
public struct TextClassification: Sendable {
  /// What determines the model's shape, and the names of its labels.
  public let configuration: ClassifierConfiguration
  /// Cuts texts into tokens.
  public let tokenizer: Tokenizer
  /// How texts are read, and what becomes of scores.
  public var settings: ClassificationSettings
  /// `attune.json` of the folder; nil for models that others made.
  public let attune: JSONField?
  /// How the folder was laid out.
  public let layout: ClassifierLayout
  let model: TextClassifier

  /// Opens a model folder, or the best model of a training run's folder.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in 8-bit integers where the folder has such weights,
  ///   else in Float32.
  public init(contentsOf path: String, precision: PackedMatrix.Format? = nil) throws {
    try FolderKind.require(.classifier, at: path)
    try self.init(ModelFolder(TrainingRun.bestModel(of: path)), precision: precision)
  }

  /// Opens a classifier's folder, on disk or in memory.
  init(_ folder: ModelFolder, precision: PackedMatrix.Format?) throws {
    let (classifier, tokenizer) = try Parallel.both {
      try ClassifierFolder(folder, packing: WeightPacking(precision))
    } _: {
      try Tokenizer(contentsOf: folder.encoderFiles)
    }
    try self.init(classifier, tokenizer: tokenizer, source: folder.path)
  }

  init(_ classifier: ClassifierFolder, tokenizer: Tokenizer, source: String) throws {
    configuration = classifier.configuration
    guard tokenizer.vocabularySize <= configuration.encoder.vocabularySize else {
      throw VocabularyMismatchError(
        path: source, tokens: tokenizer.vocabularySize,
        entries: configuration.encoder.vocabularySize)
    }
    guard tokenizer.classificationID != nil, tokenizer.separatorID != nil else {
      throw VocabularyMismatchError(path: source, tokens: nil, entries: 0)
    }
    settings = try ClassificationSettings(classifier.attune, configuration)
    self.tokenizer = tokenizer
    attune = classifier.attune
    layout = classifier.layout
    model = classifier.model
  }

  /// Which program opens the folder, for people.
  public var reader: String { layout.reader(for: configuration.encoder.family) }

  /// Names of the labels, by index.
  public var labels: [String] { configuration.labels }

  /// What the outputs mean.
  public var task: ClassificationTask { configuration.task }

  /// Most tokens of a text that the model sees at once, special ones included.
  public var maximumLength: Int { settings.windowing?.length ?? settings.maximumLength }

  /// Returns the answer for one text.
  public func classify(_ text: String) -> Prediction { classify([TextParts(text)])[0] }

  /// Returns the answers for texts, in their order.
  public func classify(_ texts: [String]) -> [Prediction] { classify(texts.map { TextParts($0) }) }

  /// Returns the answers for rows, in their order.
  public func classify(_ rows: [TextParts]) -> [Prediction] {
    let (texts, answers) = (read(rows), Answers(configuration, settings))
    return Parallel.map(texts.count, chunk: 64) { answers.prediction(texts[$0]) }
  }

  /// Returns the scores of rows before they become probabilities, in their order.  rows -> [rows, labels]
  public func logits(_ rows: [TextParts]) -> [[Float]] { read(rows).map(\.outputs) }

  /// Returns the probabilities that scores stand for at a temperature; numbers stay as they are.
  public func probabilities(_ logits: [Float], temperature: Double) -> [Float] {
    Answers(configuration, settings).probabilities(logits, temperature: temperature)
  }
}

extension WeightPacking {
  /// What a model is computed in; nil: what its folder has.
  init(_ precision: PackedMatrix.Format?) {
    self = precision.map { .format($0) } ?? .asStored
  }
}

/// A tokenizer that does not belong to its model.
public struct VocabularyMismatchError: AttuneError, Equatable {
  /// The folder.
  public let path: String
  let tokens: Int?
  let entries: Int

  /// The folder is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    guard let tokens else {
      return
        "\(path): the tokenizer has no [CLS] and [SEP], which a classifier's texts begin and end with."
    }
    return "\(path): the tokenizer has \(tokens) tokens, but the model knows \(entries). "
      + "Expected the tokenizer that the model was trained with."
  }
}
