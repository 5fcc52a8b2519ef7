// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneData
internal import AttuneDecoding
public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTokenizers

/// Vectors in, sentences out: a captioner and the tokenizer of its texts together.
///
/// ```swift
/// let captioner = try VectorToText(contentsOf: "models/photos")
/// for caption in try captioner.captions(for: FeatureVectors(path: "photos.npy")) {
///   print(caption.row, caption.text)
/// }
/// ```
/// A value without state: any number of threads may share one. The caption of a vector does not depend on the vectors beside it.
public struct VectorToText: Sendable {
  /// The sizes of the model, and the ids of its tokens.
  public let configuration: CaptionerConfiguration
  /// Joins captions.
  public let tokenizer: LanguageTokenizer
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// `attune.json` of the folder.
  public let attune: JSONField?
  /// Trained numbers of the model.
  public let parameterCount: Int
  let writer: SequenceWriter<VectorCaptioner>

  /// How captions are looked for; what is nil is as the model's folder says.
  public typealias Options = WritingOptions

  /// An item and what was written about it.
  public struct Captioned: Sendable, Equatable {
    /// The item, counted from 0.
    public let row: Int
    /// The captions, best first; never empty.
    public let hypotheses: [WrittenText]

    /// The best caption.
    public var text: String { hypotheses[0].text }
    /// The score of the best caption.
    public var score: Double { hypotheses[0].score }
  }

  /// Opens a model folder, or the best model of a training run's folder.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in 8-bit integers where the folder has such weights,
  ///   else in Float32.
  public init(contentsOf path: String, precision: PackedMatrix.Format? = nil) throws {
    try FolderKind.require(.captioner, at: path)
    self.init(
      try OpenCaptioner(contentsOf: path, packing: WeightPacking(precision)), precision: precision)
  }

  /// The captioner of emoji features that is compiled into the package.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in what it has.
  /// - Throws: `MissingBundledModelError` if the package was built without it.
  public static func bundled(precision: PackedMatrix.Format? = nil) throws -> VectorToText {
    let folder = try BundledModel.captioner.folder()
    return VectorToText(
      try OpenCaptioner(folder, packing: WeightPacking(precision)), precision: precision)
  }

  /// Uses a captioner that is open already.
  ///
  /// - Parameter precision: What the products of those maps that are not packed yet are computed in, the scores of tokens among them;
  ///   nil: in 8-bit integers where its table has them, else in Float32.
  public init(_ captioner: OpenCaptioner, precision: PackedMatrix.Format? = nil) {
    configuration = captioner.configuration
    tokenizer = captioner.tokenizer
    (generation, attune) = (captioner.generation, captioner.attune)
    parameterCount = captioner.model.parameterCount
    let stored: PackedMatrix.Format =
      captioner.model.outputTable.weight.quantized == nil ? .float32 : .int8
    writer = SequenceWriter(captioner.model, packedAs: precision ?? stored)
  }

  /// Returns the caption of one vector.
  ///
  /// - Throws: `FeatureVectorsError` for a vector of another width or with numbers that are not finite.
  public func caption(for vector: [Float], _ options: Options = Options()) throws -> Captioned {
    guard vector.count == configuration.vectorDimension else {
      throw FeatureVectorsError(
        file: "memory",
        .dimension(expected: configuration.vectorDimension, found: vector.count))
    }
    return try captions(for: FeatureVectors(vector, dimension: vector.count), options)[0]
  }

  /// Returns the captions of items, in their order.
  ///
  /// - Parameter rows: The items that get captions; nil: all. What is drawn for one depends on its number, not on the others.
  /// - Throws: `FeatureVectorsError` for vectors of another width, and `VectorFormError` for several where the model reads one.
  public func captions(
    for vectors: FeatureVectors, rows: [Int]? = nil, _ options: Options = Options()
  ) throws -> [Captioned] {
    let rows = rows ?? Array(0..<vectors.count)
    try require(vectors)
    let search = WritingSearch(
      writer, vocabulary, options, parameterCount: parameterCount,
      observes: options.returnsAlignment)
    let size = search.batchSize
    var captions: [Captioned] = []
    captions.reserveCapacity(rows.count)
    // There can be more vectors than memory holds.
    for start in stride(from: 0, to: rows.count, by: size * Self.batchesAtOnce) {
      let part = rows[start..<min(start + size * Self.batchesAtOnce, rows.count)]
      let batches = try stride(from: part.startIndex, to: part.endIndex, by: size).map { first in
        let members = part[first..<min(first + size, part.endIndex)]
        return WritingSearch<VectorCaptioner>.Batch(
          source: PackedStates(try vectors.batch(members)),
          sentences: members.map { UInt64($0) })
      }
      let found = search(batches: batches.count) { batches[$0] }.joined()
      captions += zip(part, found).map { row, hypotheses in
        Captioned(row: row, hypotheses: hypotheses.map { written($0, options) })
      }
    }
    return captions
  }

  /// Enough for any number of threads.
  private static let batchesAtOnce = 64

  /// Throws unless the model reads such vectors.
  public func require(_ vectors: FeatureVectors) throws {
    try vectors.requireDimension(configuration.vectorDimension)
    if configuration.vectors.form == .vector { try vectors.requireSingle() }
  }

  private var vocabulary: WritingVocabulary {
    WritingVocabulary(
      tokenizer: tokenizer, tokens: configuration.tokens,
      entryCount: configuration.vocabularySize, maximumLength: configuration.maximumLength,
      generation: generation)
  }

  private func written(_ found: Hypothesis, _ options: Options) -> WrittenText {
    WrittenText(
      text: tokenizer.decode(found.tokens), score: found.score,
      logProbability: found.logProbability, tokenCount: found.tokens.count,
      isFinished: found.isFinished,
      alignment: options.returnsAlignment ? alignment(found) : nil)
  }

  private func alignment(_ found: Hypothesis) -> TokenAlignment? {
    found.attention.map { weights in
      TokenAlignment(
        sourceTokens: (0..<(weights.first?.count ?? 0)).map { "\($0)" },
        // Those of a forced prefix attend to nothing that was observed.
        targetTokens: vocabulary.tokens(of: found.tokens, isFinished: found.isFinished)
          .suffix(weights.count), weights: weights)
    }
  }
}

extension FeatureVectors {
  /// Throws unless every item is one vector.
  package func requireSingle() throws(VectorFormError) {
    guard positionCount != 1,
      let row = (0..<count).first(where: { positionCount(of: $0) != 1 })
    else { return }
    throw VectorFormError(file: name, row: row, count: positionCount(of: row))
  }
}

extension PackedStates {
  /// The vectors of items, as a captioner reads them.
  package init(_ batch: FeatureBatch) {
    self.init(
      states: Tensor(batch.values, shape: [batch.values.count / batch.dimension, batch.dimension]),
      layout: SequenceLayout(lengths: batch.positionCounts))
  }
}

/// Several vectors of an item for a model that reads one.
public struct VectorFormError: AttuneError, Equatable {
  /// The file of the vectors.
  public let file: String
  /// The item, counted from 0.
  public let row: Int
  /// Its vectors.
  public let count: Int

  /// An error of an item.
  public init(file: String, row: Int, count: Int) {
    (self.file, self.row, self.count) = (file, row, count)
  }

  /// The input is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(file): row \(row), counted from 0, has \(count) vectors, the model reads one for each caption. "
      + "Expected vectors like those that it was trained on."
  }
}
