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
  public func callAsFunction(_ packed: PackedStates) -> Tensor {
    switch (kind, score) {
    case (.mean, _): packed.states.segmentMean(packed.layout)
    case (.max, _): packed.states.segmentMaximum(packed.layout)
    case (.attention, let score?):
      packed.states.segmentWeighted(by: score(packed.states), packed.layout)
    case (.first, _), (.attention, nil):
      packed.states.rows(packed.layout.firstRows)
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
}
