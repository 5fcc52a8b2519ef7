// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
internal import AttuneTensors
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
  /// Most tokens of a text that the model sees, special ones included; the rest is cut off and counted.
  public let maximumLength: Int
  /// `attune.json` of the folder; nil for models that others made.
  public let attune: JSONField?
  /// How the folder was laid out.
  public let layout: ClassifierLayout
  let model: TextClassifier

  /// Opens a model folder, or the best model of a training run's folder.
  public init(contentsOf path: String) throws {
    let folder = try ModelFolder(TrainingRun.bestModel(of: path))
    let classifier = try ClassifierFolder(folder)
    try self.init(
      classifier, tokenizer: Tokenizer(contentsOf: folder.path), source: folder.path)
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
    let trainedLength = try classifier.attune?.optionalInteger(at: "maximum_length")
    maximumLength = max(
      4, min(trainedLength ?? .max, configuration.encoder.maximumLength))
    self.tokenizer = tokenizer
    attune = classifier.attune
    layout = classifier.layout
    model = classifier.model.prepared(for: .float32)
  }

  /// Which program opens the folder, for people.
  public var reader: String { layout.reader(for: configuration.encoder.family) }

  /// Names of the labels, by index.
  public var labels: [String] { configuration.labels }

  /// The label of a text.
  public struct Prediction: Sendable, Hashable {
    /// The likeliest label.
    public let label: String
    /// Its probability.
    public let score: Float
    /// Probability of each label, in the order of `labels`.
    public let scores: [Float]
    /// Tokens that were cut off because the text is longer than the model's window.
    public let truncatedCount: Int
  }

  /// Returns the label of one text.
  public func classify(_ text: String) -> Prediction { classify([TextParts(text)])[0] }

  /// Returns the labels of texts, in their order.
  public func classify(_ texts: [String]) -> [Prediction] { classify(texts.map { TextParts($0) }) }

  /// Tokens that are worked on together.
  private static let tokenBudget = 4_096

  /// Returns the labels of rows, in their order.
  public func classify(_ rows: [TextParts]) -> [Prediction] {
    let encodings = Parallel.map(rows.count, chunk: 16) {
      tokenizer.encode(rows[$0], maximumLength: maximumLength)
    }
    let order = encodings.indices.sorted {
      (encodings[$0].ids.count, $0) < (encodings[$1].ids.count, $1)
    }
    var result = [Prediction?](repeating: nil, count: rows.count)
    var first = 0
    while first < order.count {
      var (end, tokens) = (first, 0)
      while end < order.count,
        end == first || tokens + encodings[order[end]].ids.count <= Self.tokenBudget
      {
        tokens += encodings[order[end]].ids.count
        end += 1
      }
      let members = order[first..<end]
      for (index, prediction) in zip(members, predict(members.map { encodings[$0] })) {
        result[index] = prediction
      }
      first = end
    }
    return result.compactMap { $0 }
  }

  /// Returns the scores of rows before the softmax, in their order.  rows -> [rows, labels]
  public func logits(_ rows: [TextParts]) -> [[Float]] {
    rows.map { row in
      logits([tokenizer.encode(row, maximumLength: maximumLength)]).values
    }
  }

  private func logits(_ encodings: [Encoding]) -> Tensor {
    let hasSegments = configuration.encoder.segmentCount > 1
    return model.logits(
      TokenBatch(
        ids: encodings.flatMap(\.ids),
        segments: hasSegments ? encodings.flatMap(\.segments) : nil,
        layout: SequenceLayout(lengths: encodings.map(\.ids.count))), mode: .inference)
  }

  private func predict(_ encodings: [Encoding]) -> [Prediction] {
    let probabilities = logits(encodings).softmax().values
    let width = labels.count
    return encodings.indices.map { row in
      let scores = Array(probabilities[row * width..<(row + 1) * width])
      let winner = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
      return Prediction(
        label: labels[winner], score: scores[winner], scores: scores,
        truncatedCount: encodings[row].truncatedCount)
    }
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
