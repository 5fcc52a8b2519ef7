// SPDX-License-Identifier: Apache-2.0

public import AttuneData
internal import AttuneFormats
internal import AttuneTensors
public import AttuneTokenizers

/// From the texts of files to a tokenizer in a file or folder.
public struct TokenizerTraining {
  /// What is learned from, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// Texts to learn from.
    public var corpus: CorpusFiles
    /// Texts to look at the tokenizer with; nil: some of the corpus are kept for it.
    public var validation: CorpusFiles?
    /// Part of the corpus, from 0 to below 1, that is kept otherwise.
    public var validationShare = TokenizerTrainer.usualHeldOutShare
    /// A `.json` file for the tokenizer alone, or a folder for all that `transformers` reads.
    public var output: String
    /// Whether an output that exists is replaced.
    public var overwrites = false

    /// A request for a new file or folder.
    public init(corpus: CorpusFiles, output: String) {
      (self.corpus, self.output) = (corpus, output)
    }
  }

  /// What the training came to.
  public struct Report: Sendable {
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// How many texts it was learned from.
    public let textCount: Int
    /// How many distinct words those hold.
    public let distinctWordCount: Int
    /// How well it fits texts that it was not learned from; nil: there were none.
    public let fit: TokenizerFit?
    /// How long it took.
    public let seconds: Double
  }

  /// Trains a tokenizer and writes it.
  ///
  /// - Parameter observe: Told how far it is, with the part of the files that was read where that is known; what it
  ///   throws ends the training.
  public static func run(
    _ request: Request, _ trainer: TokenizerTrainer,
    observe: (TokenizerProgress, _ share: Double?) throws -> Void = { _, _ in }
  ) throws -> Report {
    let start = ContinuousClock.now
    // What stands in the way shows before the work.
    let output = try TokenizerOutput(request.output, overwrites: request.overwrites)
    let validation = try request.validation.map { try TextCorpus($0) }
    let corpus = try TextCorpus(request.corpus)
    let trained = try trainer.train(
      heldOutShare: validation == nil ? request.validationShare : 0, sharing: ParallelWork(),
      progress: { try observe($0, corpus.share) }, next: { try corpus.next() })
    let fit = try validation.map { texts in
      try trainer.fit(of: trained.tokenizer, sharing: ParallelWork()) { try texts.next() }
    }
    try output.write(trained.tokenizer)
    return Report(
      tokenizer: trained.tokenizer, textCount: trained.textCount,
      distinctWordCount: trained.distinctWordCount, fit: fit ?? trained.fit,
      seconds: start.duration(to: .now) / .seconds(1))
  }
}

/// Where a tokenizer goes: a file, or a folder with all that belongs to it.
private enum TokenizerOutput {
  case file(AtomicFile)
  case folder(AtomicFolder)

  private static let name = "tokenizer.json"

  init(_ path: String, overwrites: Bool) throws {
    if path.lowercased().hasSuffix(".json") {
      self = .file(try AtomicFile(path, existing: overwrites ? .replace : .refuse))
    } else {
      self = .folder(
        try AtomicFolder(path, existing: overwrites ? .replace(holding: [Self.name]) : .refuse))
    }
  }

  func write(_ tokenizer: Tokenizer) throws {
    switch self {
    case .file(let file):
      for (name, bytes) in try tokenizer.files() where name == Self.name { try file.write(bytes) }
      try file.commit()
    case .folder(let folder):
      for (name, bytes) in try tokenizer.files() { try folder.write(bytes, to: name) }
      try folder.commit()
    }
  }
}
