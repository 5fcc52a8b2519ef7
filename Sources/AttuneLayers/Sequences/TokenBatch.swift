// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Token ids of several sequences, end to end.
public struct TokenBatch: Sendable, Equatable {
  /// Ids of all sequences.
  public let ids: [Int32]
  /// Segment of each token, for models that tell the first text of a pair from the second; nil: all 0.
  public let segments: [UInt8]?
  /// Where each sequence begins.
  public let layout: SequenceLayout

  /// A batch of ids laid out by `layout`.
  public init(ids: [Int32], segments: [UInt8]? = nil, layout: SequenceLayout) {
    precondition(ids.count == layout.tokenCount, "\(ids.count) ids for \(layout.tokenCount) tokens")
    precondition(segments.map { $0.count == ids.count } ?? true, "segments do not match the ids")
    self.ids = ids
    self.segments = segments
    self.layout = layout
  }

  /// A batch of the given sequences.
  public init(_ sequences: [[Int32]]) {
    self.init(
      ids: sequences.flatMap { $0 }, layout: SequenceLayout(lengths: sequences.map(\.count)))
  }
}

/// One vector a token for several sequences, end to end.
public struct PackedStates: Sendable {
  /// [tokens, dimension]
  public let states: Tensor
  /// Where each sequence begins.
  public let layout: SequenceLayout

  /// States laid out by `layout`.
  public init(states: Tensor, layout: SequenceLayout) {
    precondition(
      states.rowCount == layout.tokenCount, "states \(states.shape) for \(layout.tokenCount) tokens"
    )
    self.states = states
    self.layout = layout
  }
}
