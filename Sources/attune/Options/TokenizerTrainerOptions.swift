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
      "How often a pair must be seen to become a token (wordpiece, bpe).", valueName: "count"))
  var minFrequency = 2

  @Option(
    help: ArgumentHelp(
      "What bpe merges: bytes in the words of GPT-2, or characters in words with the mark of their space.",
      valueName: "name"))
  var preTokenizer = BPETrainer.Alphabet.bytes

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
    help: ArgumentHelp("Most characters that are kept, the frequent ones.", valueName: "count"))
  var limitAlphabet = 1000

  /// The trainer that the options ask for.
  var trainer: TokenizerTrainer {
    get throws {
      switch model {
      case .wordpiece: return .wordPiece(wordPiece)
      case .bpe: return .bpe(bpe)
      case .unigram: return .unigram(unigram)
      }
    }
  }

  func validate() throws {
    func refuse(_ isGiven: Bool, _ name: String, unless needed: Model) throws {
      guard isGiven, model != needed else { return }
      throw ValidationError("\(name) is for --model \(needed.rawValue) only.")
    }
    try refuse(preTokenizer != .bytes, "--pre-tokenizer", unless: .bpe)
    try refuse(splitPunctuation, "--split-punctuation", unless: .unigram)
  }

  private var wordPiece: WordPieceTrainer {
    var trainer = WordPieceTrainer(
      vocabularySize: vocabularySize, minimumFrequency: minFrequency,
      lowercases: lowercase ?? true, stripsAccents: stripAccents, alphabetLimit: limitAlphabet)
    if !specialTokens.isEmpty { trainer.specialTokens = specialTokens }
    return trainer
  }

  private var bpe: BPETrainer {
    var trainer = BPETrainer(
      vocabularySize: vocabularySize, minimumFrequency: minFrequency, alphabet: preTokenizer,
      lowercases: lowercase ?? false, stripsAccents: stripAccents ?? false,
      alphabetLimit: limitAlphabet)
    if !specialTokens.isEmpty { trainer.specialTokens = specialTokens }
    return trainer
  }

  private var unigram: UnigramTrainer {
    var trainer = UnigramTrainer(
      vocabularySize: vocabularySize, lowercases: lowercase ?? false,
      stripsAccents: stripAccents ?? false, alphabetLimit: limitAlphabet,
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
