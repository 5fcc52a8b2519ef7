// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// The sizes and settings of a Pervasive Attention model.
public struct PervasiveAttentionSettings: Sendable, Hashable {
  public var sourceVocabularySize: Int
  public var targetVocabularySize: Int
  public var embeddingDimension: Int
  /// Columns of a cell.
  public var channels: Int
  public var blockCount: Int
  /// What a cell sees of its neighbours in one block.
  public var window: GridWindow
  /// Dropout rate of embedded tokens and of convolutions.
  public var dropout: Float

  /// Settings of a model; the window and dropout are the paper's.
  public init(
    sourceVocabularySize: Int, targetVocabularySize: Int, embeddingDimension: Int, channels: Int,
    blockCount: Int, window: GridWindow = GridWindow(targetRows: 3, sourceColumns: 5),
    dropout: Float = 0.2
  ) {
    self.sourceVocabularySize = sourceVocabularySize
    self.targetVocabularySize = targetVocabularySize
    self.embeddingDimension = embeddingDimension
    self.channels = channels
    self.blockCount = blockCount
    self.window = window
    self.dropout = dropout
  }
}

/// What Pervasive Attention remembers: the embedded sources, and the last target rows in front of each convolution.
public struct PervasiveAttentionState: DecoderState {
  /// The source's part of each cell.
  fileprivate var source: PackedStates
  /// The source of each row.
  fileprivate var sources: [Int]
  fileprivate var histories: [GridHistory]

  public var rowCount: Int { sources.count }

  public mutating func select(rows: [Int]) {
    sources = rows.map { sources[$0] }
    for index in histories.indices { histories[index].select(rows: rows) }
  }

  public mutating func detach() {
    source = PackedStates(states: source.states.detached(), layout: source.layout)
    for index in histories.indices { histories[index].detach() }
  }
}

/// Convolutions over the grid of all pairs of a target and a source token (Elbayad, Besacier and Verbeek 2018).
public struct PervasiveAttention: SequenceToSequence {
  public var sourceTable: Embedding
  /// The vectors of target tokens, as input and as output.
  public var targetTable: Embedding
  // One map of the two vectors of a cell side by side, cut in two, so that it is applied to tokens and not to cells.
  public var sourceInput: Linear
  public var targetInput: Linear
  public var blocks: [GridBlock]
  public var norm: BatchNorm
  /// From the channels of a target token to the vector that output scores compare.
  public var output: Linear
  /// Added to the scores of the tokens.  [vocabulary]
  public var outputBias: Tensor
  /// Dropout of embedded tokens.
  public let dropout: Dropout

  /// A model drawn from `key`.
  public init(_ settings: PervasiveAttentionSettings, key: RandomKey) {
    let dimension = settings.embeddingDimension
    let deviation = 1 / Float(2 * dimension).squareRoot()
    sourceTable = Embedding(
      entries: settings.sourceVocabularySize, dimension: dimension, standardDeviation: 1,
      key: key.place(0))
    targetTable = Embedding(
      entries: settings.targetVocabularySize, dimension: dimension, standardDeviation: 1,
      key: key.place(1))
    sourceInput = Linear(
      input: dimension, output: settings.channels, hasBias: false, standardDeviation: deviation,
      key: key.place(2))
    targetInput = Linear(
      input: dimension, output: settings.channels, standardDeviation: deviation, key: key.place(3))
    let blockDropout = Dropout(settings.dropout)
    blocks = (0..<settings.blockCount).map {
      GridBlock(
        channels: settings.channels, window: settings.window, dropout: blockDropout,
        key: key.place(4).place(UInt64($0)))
    }
    norm = BatchNorm(dimension: settings.channels)
    output = Linear(
      input: settings.channels, output: dimension,
      standardDeviation: 1 / Float(settings.channels * dimension).squareRoot(), key: key.place(5))
    outputBias = .zeros([settings.targetVocabularySize])
    dropout = Dropout(settings.dropout)
  }

  public func begin(_ source: TokenBatch, mode: Mode) -> PervasiveAttentionState {
    let part = sourceInput(dropout(sourceTable(source.ids), mode: mode))
    return PervasiveAttentionState(
      source: PackedStates(states: part, layout: source.layout),
      sources: Array(0..<source.layout.count),
      histories: blocks.map { _ in GridHistory(sourceLengths: source.layout.lengths) })
  }

  public func states(
    for tokens: TokenBatch, state: inout PervasiveAttentionState, mode: Mode
  ) -> Tensor {
    precondition(
      tokens.layout.count == state.rowCount,
      "\(tokens.layout.count) sequences for \(state.rowCount) rows")
    let sourceLayout = state.source.layout
    let grid = GridLayout(
      targetLengths: tokens.layout.lengths,
      sourceLengths: state.sources.map { sourceLayout.length(of: $0) })
    let firstTokens = state.sources.map { sourceLayout.offsets[$0] }
    var cells =
      targetInput(dropout(targetTable(tokens.ids), mode: mode)).rows(grid.targetTokens)
      + state.source.states.rows(grid.sourceTokens(firstTokens: firstTokens))
    for (index, block) in blocks.enumerated() {
      cells = block(cells, layout: grid, history: &state.histories[index], mode: mode)
    }
    let aggregated = norm(cells, mode: mode).activated(by: .relu).segmentMaximum(grid.targetRows)
    return output(aggregated)
  }

  public var outputTable: OutputTable { OutputTable(weight: targetTable.weight, bias: outputBias) }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("sourceTable", &sourceTable)
    visit("targetTable", &targetTable)
    visit("sourceInput", &sourceInput)
    visit("targetInput", &targetInput)
    visit("blocks", &blocks)
    visit("norm", &norm)
    visit("output", &output)
    visit("outputBias", &outputBias)
  }
}
