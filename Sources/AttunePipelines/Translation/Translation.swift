// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneDecoding
public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTokenizers

/// Texts of one language in, texts of another out: tokenizers and a translator together.
///
/// ```swift
/// let translation = try Translation(contentsOf: "models/en-fr")
/// print(translation.translate("Where is the station?").text)
/// ```
/// A value without state: any number of threads may share one. The translation of a text does not depend on the texts beside it.
public struct Translation: Sendable {
  /// The sizes of the model, and the ids of its tokens.
  public let configuration: TranslatorConfiguration
  /// Cut sources, and join targets again.
  public let tokenizers: TranslationTokenizers
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// How the folder is laid out.
  public let layout: TranslatorLayout
  /// `attune.json` of the folder; nil for models that others made.
  public let attune: JSONField?
  /// Most tokens of a source that the model reads, the end included; the rest is cut off and counted.
  public let maximumSourceLength: Int
  /// Trained numbers of the model.
  public let parameterCount: Int
  let writer: SequenceWriter<TransformerTranslator>

  /// Opens a model folder, or the best model of a training run's folder.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in 8-bit integers where the folder has such weights,
  ///   else in Float32.
  public init(contentsOf path: String, precision: PackedMatrix.Format? = nil) throws {
    try FolderKind.require(.translator, at: path)
    self.init(
      try OpenTranslator(contentsOf: path, packing: WeightPacking(precision)),
      precision: precision)
  }

  /// Uses a translator that is open already.
  ///
  /// - Parameter precision: What the products of those maps that are not packed yet are computed in, the scores of tokens among them;
  ///   nil: in 8-bit integers where its table has them, else in Float32.
  public init(_ translator: OpenTranslator, precision: PackedMatrix.Format? = nil) {
    configuration = translator.configuration
    tokenizers = translator.tokenizers
    generation = translator.generation
    layout = translator.layout
    attune = translator.attune
    maximumSourceLength = translator.maximumSourceLength
    parameterCount = translator.model.parameterCount
    let stored: PackedMatrix.Format =
      translator.model.outputTable.weight.quantized == nil ? .float32 : .int8
    writer = SequenceWriter(translator.model, packedAs: precision ?? stored)
  }

  /// Returns the translation of one text.
  public func translate(_ text: String, _ options: Options = Options()) -> Translated {
    translate([text], options)[0]
  }

  /// Returns the translations of texts, in their order.
  ///
  /// - Parameter firstSentence: Number of the first text among all that are translated under the same seed; decides what is drawn.
  public func translate(
    _ texts: [String], _ options: Options = Options(), firstSentence: Int = 0
  ) -> [Translated] {
    let plan = plan(options)
    let encodings = sources(of: texts, options)
    // What holds nothing but the end has nothing to translate. The longest come first, so that threads end together.
    let batches = batches(
      of: encodings, encodings.indices.filter { encodings[$0].ids.count > 1 },
      size: plan.batchSize
    ).reversed().map { $0 }
    let found = plan(batches: batches.count) {
      batch(batches[$0], encodings, firstSentence: firstSentence)
    }
    var written = [[Hypothesis]?](repeating: nil, count: texts.count)
    for (members, rows) in zip(batches, found) {
      for (member, row) in zip(members, rows) { written[member] = row }
    }
    return Parallel.map(texts.count, chunk: 16) { member in
      guard let row = written[member] else {
        return Translated(source: texts[member], hypotheses: [.empty], truncatedCount: 0)
      }
      return translated(texts[member], encodings[member], row, options)
    }
  }

  /// Returns the translation of one text, and tells its tokens so far whenever one is written, in greedy search and in sampling.
  ///
  /// - Parameter sentence: Number of the text among all that are translated under the same seed; decides what is drawn.
  public func translate(
    _ text: String, _ options: Options, sentence: Int, onToken: (_ written: [Int32]) -> Void
  ) -> Translated {
    let plan = plan(options)
    let encodings = sources(of: [text], options)
    guard encodings[0].ids.count > 1 else {
      return Translated(source: text, hypotheses: [.empty], truncatedCount: 0)
    }
    var written = plan.prefix
    let found = plan(batch([0], encodings, firstSentence: sentence)) { _, token in
      written.append(token)
      onToken(written)
    }
    return translated(text, encodings[0], found[0], options)
  }

  private func batch(
    _ members: [Int], _ encodings: [Encoding], firstSentence: Int
  ) -> WritingSearch<TransformerTranslator>.Batch {
    .init(
      source: TokenBatch(members.map { encodings[$0].ids }),
      sentences: members.map { UInt64(firstSentence + $0) })
  }

  private func translated(
    _ text: String, _ encoding: Encoding, _ found: [Hypothesis], _ options: Options
  ) -> Translated {
    Translated(
      source: text, hypotheses: found.map { hypothesis($0, text, encoding, options) },
      truncatedCount: encoding.truncatedCount)
  }

  /// Sources with their end tokens, cut where they are too long.
  func sources(of texts: [String], _ options: Options) -> [Encoding] {
    let length = min(options.maximumSourceLength, maximumSourceLength)
    return Parallel.map(texts.count, chunk: 16) {
      tokenizers.source.encode(texts[$0], maximumLength: length)
    }
  }

  /// Texts of like length together: at most so many, and not more tokens than a batch of usual length has.
  func batches(of encodings: [Encoding], _ members: [Int], size: Int) -> [[Int]] {
    let budget = size * 64
    let lengths = members.map { max(encodings[$0].ids.count, 64) }
    return LengthBatches.cut(lengths, budget: budget).map { batch in batch.map { members[$0] } }
  }

  /// Returns the text that was written up to some point.
  public func text(of written: [Int32]) -> String { tokenizers.target.decode(written) }
}
