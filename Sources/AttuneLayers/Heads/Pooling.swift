// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// How the states of a sequence become one vector.
public enum PoolingKind: String, Sendable, Hashable, Codable, CaseIterable {
  case mean
  /// The state of the first token.
  case first
  case max
  /// A weighted mean whose weights are learned.
  case attention
  /// The state of the last token.
  case last
  /// A mean in which the first token weighs 1, the second 2, and so on (Muennighoff 2022, section 3.1).
  case weightedMean = "weighted-mean"
  /// The sum over the square root of the number of tokens.
  case rootMean = "root-mean"
}

/// Turns the states of each sequence into one vector.
public struct Pooling: Module {
  /// How.
  public let kind: PoolingKind
  /// Scores the rows in attention pooling.
  public var score: Linear?

  /// Pooling of states of `dimension` columns.
  public init(_ kind: PoolingKind, dimension: Int, key: RandomKey) {
    self.kind = kind
    score = kind == .attention ? Linear(input: dimension, output: 1, key: key) : nil
  }

  /// [tokens, dimension] -> [sequences, dimension]
  ///
  /// - Parameter skipped: Tokens at the start of each sequence that are left out, those of a prompt; the last token is looked for
  ///   among all.
  public func callAsFunction(_ packed: PackedStates, skipping skipped: Int = 0) -> Tensor {
    if kind == .last { return packed.states.rows(packed.layout.lastRows) }
    let pooled = skipped == 0 ? packed : packed.dropping(skipped)
    let (states, layout) = (pooled.states, pooled.layout)
    switch (kind, score) {
    case (.mean, _): return states.segmentMean(layout)
    case (.max, _): return states.segmentMaximum(layout)
    case (.attention, let score?): return states.segmentWeighted(by: score(states), layout)
    case (.weightedMean, _):
      return states.segmentSum(weights: layout.risingWeights(from: skipped + 1), layout)
    case (.rootMean, _):
      let weights = layout.lengths.flatMap { length in
        repeatElement(1 / Double(length).squareRoot(), count: length)
      }
      return states.segmentSum(weights: weights, layout)
    case (.first, _), (.last, _), (.attention, nil): return states.rows(layout.firstRows)
    }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("score", &score)
  }
}

extension SequenceLayout {
  /// The first row of each sequence; -1, a row of zeros, for an empty one.
  var firstRows: [Int32] {
    (0..<count).map { length(of: $0) == 0 ? -1 : Int32(offsets[$0]) }
  }

  /// The last row of each sequence; -1, a row of zeros, for an empty one.
  fileprivate var lastRows: [Int32] {
    (0..<count).map { length(of: $0) == 0 ? -1 : Int32(offsets[$0 + 1] - 1) }
  }

  /// Weights in the proportion of `first`, `first` + 1 and so on, with the sum 1 in each sequence.
  fileprivate func risingWeights(from first: Int) -> [Double] {
    lengths.flatMap { length in
      let total = Double(length) * (2 * Double(first) + Double(length) - 1) / 2
      return (0..<length).map { Double(first + $0) / total }
    }
  }
}

extension PackedStates {
  /// The states without the first `count` of each sequence.
  fileprivate func dropping(_ count: Int) -> PackedStates {
    let rows = (0..<layout.count).map { layout.rows(of: $0).dropFirst(count) }
    return PackedStates(
      states: states.rows(rows.flatMap { $0.map { Int32($0) } }),
      layout: SequenceLayout(lengths: rows.map(\.count)))
  }
}
