// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
internal import AttuneTensors
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
  let writer: SequenceWriter<TransformerTranslator>

  /// Opens a model folder, or the best model of a training run's folder.
  public init(contentsOf path: String) throws {
    try FolderKind.require(.translator, at: path)
    self.init(try OpenTranslator(contentsOf: path))
  }

  /// Uses a translator that is open already.
  public init(_ translator: OpenTranslator) {
    configuration = translator.configuration
    tokenizers = translator.tokenizers
    generation = translator.generation
    layout = translator.layout
    attune = translator.attune
    maximumSourceLength = translator.maximumSourceLength
    writer = SequenceWriter(translator.model, packedAs: .float32)
  }

  /// Returns the translation of one text.
  public func translate(_ text: String, _ options: Options = Options()) -> Translated {
    translate([text], options)[0]
  }

  /// Returns the translations of texts, in their order.
  ///
  /// - Parameters:
  ///   - firstSentence: Number of the first text among all that are translated under the same seed; decides what is drawn.
  ///   - onToken: Is told the tokens of each text so far whenever one is written, in greedy search and in sampling.
  public func translate(
    _ texts: [String], _ options: Options = Options(), firstSentence: Int = 0,
    onToken: (_ text: Int, _ written: [Int32]) -> Void = { _, _ in }
  ) -> [Translated] {
    let plan = plan(options)
    let encodings = sources(of: texts, options)
    var results = [Translated?](repeating: nil, count: texts.count)
    // What holds nothing but the end has nothing to translate.
    let filled = encodings.indices.filter { encodings[$0].ids.count > 1 }
    for members in batches(of: encodings, filled, options) {
      let batch = Batch(
        tokens: TokenBatch(members.map { encodings[$0].ids }),
        sentences: members.map { UInt64(firstSentence + $0) },
        prefix: plan.prefix)
      var written = members.map { _ in plan.prefix }
      let found = plan.search(writer, batch) { member, token in
        written[member].append(token)
        onToken(members[member], written[member])
      }
      for (member, hypotheses) in zip(members, found) {
        results[member] = Translated(
          source: texts[member],
          hypotheses: hypotheses.map { hypothesis($0, texts[member], encodings[member], options) },
          truncatedCount: encodings[member].truncatedCount)
      }
    }
    return texts.indices.map { index in
      results[index]
        ?? Translated(source: texts[index], hypotheses: [.empty], truncatedCount: 0)
    }
  }

  /// Sources with their end tokens, cut where they are too long.
  func sources(of texts: [String], _ options: Options) -> [Encoding] {
    let length = min(options.maximumSourceLength, maximumSourceLength)
    return Parallel.map(texts.count, chunk: 16) {
      tokenizers.source.encode(texts[$0], maximumLength: length)
    }
  }

  /// Texts of like length together: at most so many, and not more tokens than a batch of usual length has.
  func batches(of encodings: [Encoding], _ members: [Int], _ options: Options) -> [[Int]] {
    let budget = max(options.batchSize * 64, 1)
    let lengths = members.map { max(encodings[$0].ids.count, 64) }
    return LengthBatches.cut(lengths, budget: budget).map { batch in batch.map { members[$0] } }
  }

  /// Returns the text that was written up to some point.
  public func text(of written: [Int32]) -> String { tokenizers.target.decode(written) }
}
