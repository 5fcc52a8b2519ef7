// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneLayers
public import AttuneModels
internal import AttuneSystem
internal import AttuneTensors
public import AttuneTokenizers

/// Texts with masks in, what may stand there out: a tokenizer and a masked-token model together.
///
/// ```swift
/// let fill = try FillMask(contentsOf: "models/reviews")
/// print(try fill("The film was [MASK].").masks[0][0].token)  // great
/// ```
/// A value without state: any number of threads may share one.
public struct FillMask: Sendable {
  /// The encoder's sizes.
  public let configuration: EncoderConfiguration
  /// Cuts texts into tokens.
  public let tokenizer: Tokenizer
  /// What stands in a text where a token is to be guessed, such as `[MASK]`.
  public let maskToken: String
  private let maskID: Int32
  private let continuesWord: [Bool]
  private let model: MaskedLanguageModel

  /// Opens a folder of transformers' `BertForMaskedLM` and its relatives, or the best model of a run.
  ///
  /// - Throws: `FolderKindError` for a translator or a captioner, and `FillMaskError` for an encoder without a head or a mask for
  ///   this.
  public init(contentsOf path: String) throws {
    try FolderKind.require(.encoder, at: path)
    let folder = try ModelFolder(TrainingRun.bestModel(of: path))
    let source = try EncoderFolder(folder)
    guard source.head == .maskedTokens else {
      throw FillMaskError(path: folder.path, .noHead(found: source.head))
    }
    let tokenizer = try Tokenizer(contentsOf: folder.encoderPath)
    guard let maskID = tokenizer.maskID, let maskToken = tokenizer.specialTokens.mask else {
      throw FillMaskError(path: folder.path, .noMaskToken)
    }
    let masked = try MaskedTokenFolder(folder)
    let entries = masked.configuration.vocabularySize
    guard tokenizer.vocabularySize <= entries else {
      throw VocabularyMismatchError(
        path: folder.path, tokens: tokenizer.vocabularySize, entries: entries)
    }
    (configuration, model) = (masked.configuration, masked.model)
    (self.tokenizer, self.maskToken, self.maskID) = (tokenizer, maskToken, maskID)
    continuesWord = tokenizer.wordContinuationTable
  }

  /// Returns what may stand behind each mask of a text, the likeliest first.
  ///
  /// - Throws: `FillMaskError` for a text without a mask, or with more tokens than the model has positions.
  public func callAsFunction(_ text: String, count: Int = 5) throws -> FilledText {
    try self([text], count: count)[0]
  }

  /// Returns what may stand behind each mask of some texts, in their order; masks of one text are guessed apart.
  public func callAsFunction(_ texts: [String], count: Int = 5) throws -> [FilledText] {
    let encodings = Parallel.map(texts.count, chunk: 16) { tokenizer.encode(texts[$0]) }
    let places = try encodings.enumerated().map { index, encoding in
      let places = encoding.ids.indices.filter { encoding.ids[$0] == maskID }
      guard !places.isEmpty else {
        throw FillMaskError(.noMask(text: texts[index], number: index + 1, token: maskToken))
      }
      guard encoding.ids.count <= configuration.maximumLength else {
        throw FillMaskError(
          .tooLong(
            text: texts[index], number: index + 1, tokens: encoding.ids.count,
            limit: configuration.maximumLength))
      }
      return places
    }
    var found = [FilledText?](repeating: nil, count: texts.count)
    for batch in LengthBatches.cut(encodings.map(\.ids.count), budget: Self.batchTokens) {
      let tokens = TokenBatch(batch.map { encodings[$0].ids })
      let rows = batch.enumerated().flatMap { row, member in
        places[member].map { Int32(tokens.layout.offsets[row] + $0) }
      }
      let scores = model.logits(of: rows, in: tokens, mode: .inference)
      var lists = candidates(scores, count)[...]
      for member in batch {
        let masks = lists.prefix(places[member].count)
        lists = lists.dropFirst(masks.count)
        found[member] = FilledText(
          text: texts[member], masks: Array(masks),
          ranges: places[member].map { encodings[member].offsets[$0] },
          joinsBySpaces: joinsBySpaces)
      }
    }
    return found.compactMap { $0 }
  }

  private static let batchTokens = 2_048

  /// Whether tokens carry the space before them: then a word that replaces a mask brings its own.
  private var joinsBySpaces: Bool { if case .wordPiece = tokenizer.model { false } else { true } }

  /// The likeliest tokens of each row of logits, the first of equal ones first.
  private func candidates(_ logits: Tensor, _ count: Int) -> [[FilledText.Candidate]] {
    let scores = NextTokenScores(logits: logits)
    // A few are found in one pass; where many are wanted, sorting all is faster.
    let best =
      count <= Self.fewCandidates
      ? scores.best(max(1, count))
      : (0..<scores.rowCount).map { Array(sorted(scores, row: $0).prefix(count)) }
    return best.map { tokens in
      tokens.map { scored in
        FilledText.Candidate(
          token: tokenizer.decode([scored.token], skipsSpecialTokens: false), id: scored.token,
          probability: exp(scored.logProbability),
          continuesWord: continuesWord.indices.contains(Int(scored.token))
            && continuesWord[Int(scored.token)])
      }
    }
  }

  private static let fewCandidates = 64

  private func sorted(_ scores: NextTokenScores, row: Int) -> [ScoredToken] {
    scores.logProbabilities(of: row).enumerated()
      .map { ScoredToken(token: Int32($0), logProbability: $1) }
      .sorted { ($1.logProbability, $0.token) < ($0.logProbability, $1.token) }
  }
}

/// A text with what may stand behind its masks.
public struct FilledText: Sendable, Equatable {
  /// A token that may stand behind a mask.
  public struct Candidate: Sendable, Equatable {
    /// The token as a text; in WordPiece one that continues a word begins with `##`.
    public let token: String
    /// Its id in the vocabulary.
    public let id: Int32
    /// How probable it is behind this mask.
    public let probability: Double
    let continuesWord: Bool
  }

  /// The text as it was given.
  public let text: String
  /// For each mask, in their order, the likeliest tokens.
  public let masks: [[Candidate]]
  /// The bytes of each mask.
  let ranges: [Range<Int>]
  let joinsBySpaces: Bool

  /// The text with each mask replaced by its likeliest token.
  public var best: String {
    replacing(Dictionary(uniqueKeysWithValues: masks.indices.map { ($0, 0) }))
  }

  /// The text with one mask replaced by a candidate, counted from the likeliest; other masks stay.
  public func text(mask: Int, candidate: Int) -> String { replacing([mask: candidate]) }

  private func replacing(_ choices: [Int: Int]) -> String {
    let bytes = Array(text.utf8)
    var (result, position) = ([UInt8](), 0)
    for (mask, range) in ranges.enumerated() {
      guard let choice = choices[mask] else { continue }
      result += bytes[position..<range.lowerBound]
      position = range.upperBound
      let candidate = masks[mask][choice]
      var word = candidate.token.drop { $0 == " " }
      if candidate.continuesWord {
        if word.hasPrefix("##") { word = word.dropFirst(2) }
        while result.last == 0x20 { result.removeLast() }
      } else if joinsBySpaces, let last = result.last, last != 0x20 {
        result.append(0x20)
      }
      result += Array(word.utf8)
    }
    result += bytes[position...]
    return String(decoding: result, as: UTF8.self)
  }
}
