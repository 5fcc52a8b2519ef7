// SPDX-License-Identifier: Apache-2.0

/// Learns a tokenizer from texts: the same texts and settings give the same one, whatever the order of the texts and
/// the number of threads.
public enum TokenizerTrainer: Sendable {
  /// The pieces of BERT.
  case wordPiece(WordPieceTrainer)
  /// Merged bytes as in GPT-2, or merged characters.
  case bpe(BPETrainer)
  /// The most probable pieces.
  case unigram(UnigramTrainer)

  /// Part of the texts, from 0 to below 1, that a tokenizer is not learned from but looked at with.
  public static let usualHeldOutShare = 0.01

  /// Learns from the texts that `next` gives, until it gives nil.
  ///
  /// Memory grows with the distinct words, not with the texts. Texts are held out by a hash of what they say.
  ///
  /// - Parameters:
  ///   - heldOutShare: Part of the texts that is not learned from; the result tells how well it fits them.
  ///   - work: How work is shared among threads.
  ///   - progress: Called every 1,000 texts and now and then while pieces are learned; what it throws ends the training.
  ///   - next: Returns the next text.
  public func train(
    heldOutShare: Double = 0, sharing work: some WorkSharing = SerialWork(),
    progress: (TokenizerProgress) throws -> Void = { _ in }, next: () throws -> String?
  ) throws -> TrainedTokenizer {
    precondition(heldOutShare >= 0 && heldOutShare < 1, "the share is not from 0 to below 1")
    try check()
    var counter = CorpusCounter(cutter, heldOutShare: heldOutShare, sharing: work)
    while let text = try next() {
      counter.add(text)
      if counter.textCount % 1000 == 0 { try progress(.counting(texts: counter.textCount)) }
    }
    try progress(.counting(texts: counter.textCount))
    let (training, heldOut) = counter.finish()
    guard !training.counts.isEmpty else { throw TokenizerError.noWords(texts: counter.textCount) }
    let tokenizer = try tokenizer(of: training, sharing: work, progress)
    return TrainedTokenizer(
      tokenizer: tokenizer, textCount: training.textCount,
      distinctWordCount: training.counts.count,
      fit: heldOut.textCount > 0 ? TokenizerFit(tokenizer, on: heldOut) : nil)
  }

  /// Returns how well a tokenizer that was learned with these settings fits the texts that `next` gives.
  public func fit(
    of tokenizer: Tokenizer, sharing work: some WorkSharing = SerialWork(),
    next: () throws -> String?
  ) rethrows -> TokenizerFit {
    var counter = CorpusCounter(cutter, heldOutShare: 1, sharing: work)
    while let text = try next() { counter.add(text) }
    return TokenizerFit(tokenizer, on: counter.finish().heldOut)
  }

  private var cutter: WordCutter {
    switch self {
    case .wordPiece(let trainer): trainer.cutter
    case .bpe(let trainer): trainer.cutter
    case .unigram(let trainer): trainer.cutter
    }
  }

  private func check() throws(TokenizerError) {
    switch self {
    case .wordPiece(let trainer): try trainer.check()
    case .bpe(let trainer): try trainer.check()
    case .unigram(let trainer): try trainer.check()
    }
  }

  private func tokenizer(
    of words: WordCounter, sharing work: some WorkSharing,
    _ progress: (TokenizerProgress) throws -> Void
  ) throws -> Tokenizer {
    switch self {
    case .wordPiece(let trainer): try trainer.tokenizer(of: words, progress)
    case .bpe(let trainer): try trainer.tokenizer(of: words, progress)
    case .unigram(let trainer): try trainer.tokenizer(of: words, sharing: work, progress)
    }
  }
}
