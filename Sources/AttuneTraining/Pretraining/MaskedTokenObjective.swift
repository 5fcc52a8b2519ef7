// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// Windows with hidden tokens, as a model sees them.
public struct MaskedTokenBatch: Sendable, Equatable {
  /// All windows, end to end.
  public let tokens: TokenBatch
  /// Rows of the batch that are to be guessed.
  public let rows: [Int32]
  /// What stood there.
  public let targets: [Int32]
  /// For each window 0 where its second text follows the first and 1 where it does not, as BERT has it; nil: there are no pairs.
  public let continuations: [Int32]?

  /// Windows of which the tokens in `rows` are hidden.
  public init(
    tokens: TokenBatch, rows: [Int32], targets: [Int32], continuations: [Int32]? = nil
  ) {
    (self.tokens, self.rows, self.targets) = (tokens, rows, targets)
    self.continuations = continuations
  }
}

/// Cross-entropy of hidden tokens given what is left of their texts, and in pairs of texts whether the second follows the first.
///
/// Scores of the vocabulary are computed for the hidden tokens alone, and never all at once. In training what is hidden
/// follows from the pass and the place of the window in the batch; otherwise from the window itself, so that a model
/// is judged by the same guesses each time.
public struct MaskedTokenObjective<Model: MaskedTokenPredictor>: Objective {
  /// The texts.
  public let corpus: PackedCorpus
  /// How tokens are hidden.
  public let masking: TokenMasking
  private let pairing: SentencePairing?

  /// An objective over the windows of a corpus.
  ///
  /// - Parameter sentenceEnds: The tokens that end a sentence, where windows become pairs of texts; the corpus is packed by
  ///   documents then. Nil: windows stay whole.
  public init(_ corpus: PackedCorpus, _ masking: TokenMasking, sentenceEnds: Set<Int32>? = nil) {
    precondition(
      sentenceEnds == nil || corpus.packing == .documents && corpus.windowLength > 4,
      "pairs of texts from windows of several documents, or of a token")
    (self.corpus, self.masking) = (corpus, masking)
    pairing = sentenceEnds.map { ends in
      SentencePairing(
        corpus: corpus, windows: corpus.windows,
        endsSentence: (0..<corpus.corpus.vocabularySize).map { ends.contains(Int32($0)) })
    }
  }

  /// Tokens of the window, special ones included.
  public func tokenCount(of example: CorpusWindow) -> Int { corpus.length(of: example) }

  /// Returns the windows with tokens hidden.
  public func batch(_ windows: [CorpusWindow], mode: Mode) -> MaskedTokenBatch {
    let drawn = mode.pass?.nextKey()
    var (sequences, rows, targets) = ([[Int32]](), [Int32](), [Int32]())
    var (segments, continuations, start) = ([UInt8](), [Int32](), 0)
    for (row, window) in windows.enumerated() {
      let key =
        drawn?.place(UInt64(row))
        ?? RandomKey(seed: Self.evaluationSeed).place(UInt64(window.range.lowerBound))
      var ids: [Int32]
      if let pair = pairing?.pair(window, key: key.place(1)) {
        ids =
          [corpus.classificationID] + pair.first + [corpus.separatorID] + pair.second
          + [corpus.separatorID]
        let firstCount = pair.first.count + 2
        segments += repeatElement(0, count: firstCount)
        segments += repeatElement(1, count: ids.count - firstCount)
        continuations.append(pair.follows ? 0 : 1)
      } else {
        ids = corpus.ids(of: window)
      }
      let choice = masking.hide(in: &ids, key: key.place(0))
      rows += choice.places.map { Int32(start + $0) }
      targets += choice.targets
      sequences.append(ids)
      start += ids.count
    }
    let packed = TokenBatch(sequences)
    return MaskedTokenBatch(
      tokens: pairing == nil
        ? packed : TokenBatch(ids: packed.ids, segments: segments, layout: packed.layout),
      rows: rows, targets: targets, continuations: pairing == nil ? nil : continuations)
  }

  /// The loss over all hidden tokens. With pairs, the mean over them is added to the mean over the tokens.
  public func loss(of model: Model, on examples: [CorpusWindow], mode: Mode) -> WeightedLoss {
    loss(of: model, on: batch(examples, mode: mode), mode: mode)
  }

  /// The loss over windows whose tokens are hidden already.
  public func loss(of model: Model, on batch: MaskedTokenBatch, mode: Mode) -> WeightedLoss {
    let guesses = model.guesses(at: batch.rows, in: batch.tokens, mode: mode)
    let table = model.outputTable
    let loss = guesses.states.projectedCrossEntropy(
      table: table.weight, bias: table.bias, CrossEntropyTargets(batch.targets),
      in: mode.tableProducts)
    let weight = Double(batch.rows.count)
    guard let continuations = batch.continuations, let scores = guesses.continuation else {
      return WeightedLoss(sum: loss, weight: weight)
    }
    let pairs = scores.crossEntropy(CrossEntropyTargets(continuations))
    return WeightedLoss(
      sum: loss + pairs.scaled(by: weight / Double(continuations.count)), weight: weight)
  }

  private static var evaluationSeed: UInt64 { 0x3A5C }
}
