// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// The files of a pretraining's texts and how they are read.
struct PretrainingCorpus {
  let files: CorpusFiles
  let documents: PretrainingSettings.Documents

  init(_ paths: [String], _ settings: PretrainingSettings) throws(SettingError) {
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
      _ name: String, _ option: String, as type: Choice.Type
    ) throws(SettingError) -> Choice {
      guard let choice = Choice(rawValue: name) else {
        throw SettingError(
          setting: option, found: name,
          expected: Choice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return choice
    }
    var files = CorpusFiles(paths, column: settings.column)
    if let name = settings.encoding {
      files.encoding = try choice(name, "--encoding", as: TextEncoding.self)
    }
    if let name = settings.delimiter {
      files.delimiter = try choice(name, "--delimiter", as: Delimiter.self)
    }
    // The texts are read twice, and once more when a run is resumed.
    try SettingError.require(
      !paths.contains("-"), "corpus", "-", "files, since texts are read more than once")
    (self.files, documents) = (files, settings.documents ?? .lines)
  }

  /// SHA-256 of the files.
  func hashes() throws -> [String] { try files.paths.map { "\(try SHA256.hash(file: $0))" } }

  /// Learns a tokenizer from all texts.
  func train(_ trainer: WordPieceTrainer, _ monitor: RecipeMonitor) throws -> Tokenizer {
    let texts = TextSequence(try TextCorpus(files))
    let tokenizer = try trainer.train(on: texts) { _ in
      try texts.rethrow()
      try monitor.checkForStop()
    }
    try texts.rethrow()
    return tokenizer
  }

  /// Cuts all documents into tokens, in the order of the files.
  func tokens(_ tokenizer: Tokenizer, _ monitor: RecipeMonitor) throws -> TokenCorpus {
    let texts = try TextCorpus(files)
    var corpus = TokenCorpus(vocabularySize: tokenizer.vocabularySize)
    var document: [Int32] = []
    var isAtEnd = false
    while !isAtEnd {
      var batch: [String] = []
      while batch.count < Self.batchSize {
        guard let text = try texts.next() else {
          isAtEnd = true
          break
        }
        batch.append(text)
      }
      let encoded = Parallel.map(batch.count, chunk: 16) { tokenizer.pieceIDs(of: batch[$0]) }
      for (text, ids) in zip(batch, encoded) {
        document += ids
        if documents == .paragraphs, !text.isBlank { continue }
        corpus.append(document)
        document = []
      }
      try monitor.checkForStop()
    }
    corpus.append(document)
    guard corpus.tokenCount > 0 else { throw NoTextError(files: files.paths) }
    return corpus
  }

  /// Texts that are cut at a time.
  private static let batchSize = 1_024
}

/// Texts of files as a sequence, which cannot throw: what reading throws is kept for whoever asks.
private final class TextSequence: Sequence, IteratorProtocol {
  private let corpus: TextCorpus
  private var error: (any Error)?

  init(_ corpus: TextCorpus) { self.corpus = corpus }

  func next() -> String? {
    do {
      return try corpus.next()
    } catch {
      self.error = error
      return nil
    }
  }

  func rethrow() throws {
    if let error { throw error }
  }
}

extension String {
  fileprivate var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}

/// The documents of a run as tokens, divided.
struct PretrainingData {
  let training: TokenCorpus
  let validation: TokenCorpus

  /// Divides documents at random; those of a validation file are all kept for it.
  init(_ all: TokenCorpus, validation: TokenCorpus?, fraction: Double, seed: UInt64) throws {
    if let validation {
      (training, self.validation) = (all, validation)
      return
    }
    let count = max(1, Int((fraction * Double(all.documentCount)).rounded()))
    guard all.documentCount > count else {
      throw TooFewDocumentsError(count: all.documentCount)
    }
    let kept = Set(
      RandomKey(seed: seed).place(0x5917).shuffled(all.documentCount).prefix(count))
    var parts = (
      training: TokenCorpus(vocabularySize: all.vocabularySize),
      validation: TokenCorpus(vocabularySize: all.vocabularySize)
    )
    for document in 0..<all.documentCount {
      let ids = all[all.range(ofDocument: document)]
      if kept.contains(document) {
        parts.validation.append(ids)
      } else {
        parts.training.append(ids)
      }
    }
    (training, self.validation) = parts
  }
}

/// Files without a text.
struct NoTextError: AttuneError, Equatable {
  let files: [String]

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(files.joined(separator: " and ")): there is no text, expected one or more."
  }
}

/// Too few texts to learn from some and keep others.
struct TooFewDocumentsError: AttuneError, Equatable {
  let count: Int

  var exitCode: ExitStatus { .data }

  var description: String {
    "found \(count) document\(count == 1 ? "" : "s") with text, expected at least 2: one to learn "
      + "from and one to validate with (or --validation FILE)."
  }
}
