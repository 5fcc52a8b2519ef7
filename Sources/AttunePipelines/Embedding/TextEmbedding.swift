// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTokenizers

/// Texts in, vectors out: a tokenizer and an embedder together.
///
/// ```swift
/// let embedding = try TextEmbedding(contentsOf: "all-MiniLM-L6-v2")
/// let vectors = embedding.embed(["The weather is lovely today.", "It's so sunny outside!"])
/// print(embedding.similarity(vectors[0], vectors[1]))  // 0.666
/// ```
/// A value without state: any number of threads may share one. The vector of a text does not depend on the texts beside it.
public struct TextEmbedding: Sendable {
  /// What determines the model's shape, and how texts are prepared.
  public let configuration: EmbedderConfiguration
  /// Cuts texts into tokens.
  public let tokenizer: Tokenizer
  /// What kind of folder it was read from.
  public let kind: EmbedderFolder.Kind
  /// Most tokens of a text that the model sees, prompt and special ones included; the rest is cut off and counted.
  public let maximumLength: Int
  let model: TextEmbedder

  /// Opens a folder of sentence-transformers; that of a classifier or of an encoder alone will do too, see `kind`.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in 8-bit integers where the folder has such weights,
  ///   else in Float32.
  public init(contentsOf path: String, precision: PackedMatrix.Format? = nil) throws {
    let path = TrainingRun.bestModel(of: path)
    let (folder, tokenizer) = try Parallel.both {
      try EmbedderFolder(path, packing: WeightPacking(precision))
    } _: {
      try Tokenizer(contentsOf: EmbedderFolder.tokenizerPath(of: path))
    }
    configuration = folder.configuration
    let entries = folder.configuration.encoder.vocabularySize
    guard tokenizer.vocabularySize <= entries else {
      throw VocabularyMismatchError(
        path: path, tokens: tokenizer.vocabularySize, entries: entries)
    }
    let trainedLength = try folder.attune?.optionalInteger(at: "maximum_length")
    let wanted = configuration.maximumLength ?? trainedLength ?? tokenizer.maximumLength ?? .max
    // One token must fit between the special ones.
    let least = tokenizer.specialTokenCount(forPair: false) + 1
    maximumLength = min(max(least, wanted), configuration.encoder.maximumLength)
    self.tokenizer = tokenizer
    kind = folder.kind
    model = folder.model
  }

  /// Numbers of a vector.
  public var dimension: Int { configuration.dimension }

  /// How texts become vectors, where it is not as the model says.
  public struct Options: Sendable, Hashable {
    /// A text to put before each; nil: the model's own for texts of no said kind, which most models lack.
    public var prompt: String?
    /// Whether vectors have length 1; nil: as the model says.
    public var normalizes: Bool?
    /// Most tokens of a text; nil, or more than `maximumLength`: that.
    public var maximumLength: Int?
    /// Tokens that one thread works on at a time: a matter of speed and memory alone.
    public var batchTokens = 512

    /// Everything as the model says.
    public init() {}
  }

  /// Returns the vector of one text.
  public func embed(_ text: String) -> [Float] { Array(embed([text])[0]) }

  /// Returns the vectors of texts, in their order.
  public func embed(_ texts: [String], _ options: Options = Options()) -> Embeddings {
    let prompt = options.prompt ?? defaultPrompt
    let length = min(options.maximumLength ?? maximumLength, maximumLength)
    let encodings = Parallel.map(texts.count, chunk: 16) {
      tokenizer.encode(prepared(texts[$0], prompt), maximumLength: length)
    }
    let skipped = configuration.includesPrompt ? 0 : promptLength(prompt)
    let batches = LengthBatches.cut(
      encodings.map(\.ids.count), budget: max(1, options.batchTokens))
    // Each batch on one thread: what it computes stays in that thread's caches, and nobody waits for another.
    let parts = Parallel.map(batches.count) { index in
      model(
        TokenBatch(batches[index].map { encodings[$0].ids }), skipping: skipped,
        normalizes: options.normalizes, mode: .inference
      ).values
    }
    var values = [Float](repeating: 0, count: texts.count * dimension)
    for (members, part) in zip(batches, parts) {
      for (row, member) in members.enumerated() {
        let first = member * dimension
        values.replaceSubrange(
          first..<first + dimension, with: part[row * dimension..<(row + 1) * dimension])
      }
    }
    return Embeddings(
      values: values, dimension: dimension, truncatedCounts: encodings.map(\.truncatedCount))
  }

  /// Returns how alike two vectors are, in the way that the model was made for.
  public func similarity(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    configuration.similarity(a, b)
  }

  private func prepared(_ text: String, _ prompt: String) -> String {
    let whole = prompt.isEmpty ? text : prompt + text
    guard configuration.lowercases else { return whole }
    // Scalar by scalar, as tokenizers do it: without the rules for the ends of words.
    return whole.unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
  }
}

/// Vectors of texts, in their order.
public struct Embeddings: Sendable, Equatable {
  /// All numbers, row by row.
  public let values: [Float]
  /// Numbers of a vector.
  public let dimension: Int
  /// Tokens of each text that were cut off because it is longer than the model's window.
  public let truncatedCounts: [Int]

  /// Number of vectors.
  public var count: Int { truncatedCounts.count }

  /// The vector of a text.
  public subscript(row: Int) -> ArraySlice<Float> {
    values[row * dimension..<(row + 1) * dimension]
  }
}
