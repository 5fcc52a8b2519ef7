// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneTokenizers

/// What kind of tokenizer is learned, and how.
struct TokenizerTrainerOptions: ParsableArguments {
  /// The models of `tokenizer.json`.
  enum Model: String, CaseIterable, ExpressibleByArgument {
    case wordpiece, bpe, unigram
  }

  @Option(help: "How words become pieces, as in BERT, in GPT-2, or in SentencePiece.")
  var model: Model

  @Option(
    help: ArgumentHelp("Tokens in all, the special ones included.", valueName: "count"))
  var vocabularySize = 30_000

  @Option(
    help: ArgumentHelp(
      "How often a pair must be seen to become a token, with wordpiece and bpe (default: 2).",
      valueName: "count"))
  var minFrequency: Int?

  @Option(
    help: ArgumentHelp(
      "What bpe merges: bytes in the words of GPT-2, or characters in words with the mark of their space (default: byte-level).",
      valueName: "name"))
  var preTokenizer: BPETrainer.Alphabet?

  @Flag(inversion: .prefixedNo, help: "Make texts lowercase (default: with wordpiece only).")
  var lowercase: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Take accents off letters (default: with wordpiece in lowercase only).")
  var stripAccents: Bool?

  @Flag(help: "Never mix letters with digits or punctuation in a piece (unigram).")
  var splitPunctuation = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Tokens that begin the vocabulary, instead of those of BERT (wordpiece) or RoBERTa.",
      valueName: "token"))
  var specialTokens: [String] = []

  @Option(
    help: ArgumentHelp(
      "Most characters that are kept, the frequent ones; bytes all are (default: 1000).",
      valueName: "count"))
  var limitAlphabet: Int?

  /// The trainer that the options ask for.
  var trainer: TokenizerTrainer {
    switch model {
    case .wordpiece: .wordPiece(wordPiece)
    case .bpe: .bpe(bpe)
    case .unigram: .unigram(unigram)
    }
  }

  func validate() throws {
    func refuse(_ isGiven: Bool, _ name: String, unless fits: Bool, _ expected: String) throws {
      guard isGiven, !fits else { return }
      throw ValidationError("\(name) is for \(expected) only.")
    }
    try refuse(preTokenizer != nil, "--pre-tokenizer", unless: model == .bpe, "--model bpe")
    try refuse(
      splitPunctuation, "--split-punctuation", unless: model == .unigram, "--model unigram")
    try refuse(
      minFrequency != nil, "--min-frequency", unless: model != .unigram,
      "--model wordpiece and --model bpe")
    try refuse(
      limitAlphabet != nil, "--limit-alphabet",
      unless: model != .bpe || preTokenizer == .characters,
      "tokenizers of characters, not of bytes,")
  }

  private var wordPiece: WordPieceTrainer {
    var trainer = WordPieceTrainer(
      vocabularySize: vocabularySize, minimumFrequency: minFrequency ?? 2,
      lowercases: lowercase ?? true, stripsAccents: stripAccents,
      alphabetLimit: limitAlphabet ?? 1000)
    if !specialTokens.isEmpty { trainer.specialTokens = specialTokens }
    return trainer
  }

  private var bpe: BPETrainer {
    var trainer = BPETrainer(
      vocabularySize: vocabularySize, minimumFrequency: minFrequency ?? 2,
      alphabet: preTokenizer ?? .bytes,
      lowercases: lowercase ?? false, stripsAccents: stripAccents ?? false,
      alphabetLimit: limitAlphabet ?? 1000)
    if !specialTokens.isEmpty { trainer.specialTokens = specialTokens }
    return trainer
  }

  private var unigram: UnigramTrainer {
    var trainer = UnigramTrainer(
      vocabularySize: vocabularySize, lowercases: lowercase ?? false,
      stripsAccents: stripAccents ?? false, alphabetLimit: limitAlphabet ?? 1000,
      separatesKinds: splitPunctuation)
    if !specialTokens.isEmpty { trainer.specialTokens = specialTokens }
    return trainer
  }
}

/// Where the texts of a corpus stand in its files.
struct CorpusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of tables, or key of JSON lines, that holds the text.", valueName: "name"))
  var column: String?

  @Option(
    help: ArgumentHelp(
      "How the characters of the files are written as bytes (default: utf8).",
      valueName: "encoding"))
  var encoding: TextEncoding?

  @Option(
    help: ArgumentHelp(
      "What stands between fields: comma, semicolon, tab or pipe (default: found out).",
      valueName: "delimiter"))
  var delimiter: Delimiter?

  func files(_ paths: [String]) -> CorpusFiles {
    CorpusFiles(paths, column: column, encoding: encoding ?? .utf8, delimiter: delimiter)
  }
}
