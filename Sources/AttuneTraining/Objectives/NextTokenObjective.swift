// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// One source and the tokens to be written for it.
public struct SequencePair<Source: Sendable>: Sendable {
  /// What the target is conditioned on.
  public let source: Source
  /// Without the start token, with the end token.
  public let target: [Int32]
  /// Tokens of the source; 0 for a source that is not tokens.
  public let sourceTokenCount: Int

  /// A pair of a source and its target.
  public init(source: Source, target: [Int32], sourceTokenCount: Int = 0) {
    self.source = source
    self.target = target
    self.sourceTokenCount = sourceTokenCount
  }
}

/// Cross-entropy of each target token given the source and the true tokens before it.
public struct NextTokenObjective<Model: SequenceToSequence, Item: Sendable>: Objective {
  /// Stands before the first target token.
  public let startToken: Int32
  /// Share of the target spread evenly over the vocabulary.
  public let labelSmoothing: Float
  private let collate: @Sendable ([Item]) -> Model.Source
  private let restore: @Sendable (inout Model) -> Void

  /// An objective whose sources are put together by `collate`.
  ///
  /// - Parameter restore: Restores what must hold of the model after each step.
  public init(
    startToken: Int32, labelSmoothing: Float = 0,
    restore: @escaping @Sendable (inout Model) -> Void = { _ in },
    collate: @escaping @Sendable ([Item]) -> Model.Source
  ) {
    self.startToken = startToken
    self.labelSmoothing = labelSmoothing
    self.restore = restore
    self.collate = collate
  }

  public func settle(_ model: inout Model) { restore(&model) }

  /// Tokens of source and target.
  public func tokenCount(of example: SequencePair<Item>) -> Int {
    example.sourceTokenCount + example.target.count
  }

  /// The loss over all target tokens.
  public func loss(of model: Model, on examples: [SequencePair<Item>], mode: Mode) -> WeightedLoss {
    let targets = TokenBatch(examples.map(\.target))
    // What is read is what is written, one position later.
    let read = TokenBatch(
      examples.map { $0.target.isEmpty ? [] : [startToken] + $0.target.dropLast() })
    var state = model.begin(collate(examples.map(\.source)), mode: mode)
    let states = model.states(for: read, state: &state, mode: mode)
    let table = model.outputTable
    return WeightedLoss(
      sum: states.projectedCrossEntropy(
        table: table.weight, bias: table.bias,
        CrossEntropyTargets(targets.ids, labelSmoothing: labelSmoothing),
        in: mode.tableProducts),
      weight: Double(targets.ids.count))
  }
}

extension NextTokenObjective where Model.Source == TokenBatch, Item == [Int32] {
  /// An objective whose sources are tokens.
  ///
  /// - Parameter restore: Restores what must hold of the model after each step.
  public init(
    startToken: Int32, labelSmoothing: Float = 0,
    restore: @escaping @Sendable (inout Model) -> Void = { _ in }
  ) {
    self.init(
      startToken: startToken, labelSmoothing: labelSmoothing, restore: restore
    ) { TokenBatch($0) }
  }
}

extension SequencePair<[Int32]> {
  /// A pair of token sequences.
  public init(tokens source: [Int32], target: [Int32]) {
    self.init(source: source, target: target, sourceTokenCount: source.count)
  }
}
