// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

/// Replaces random tokens by the mask token in training, so that no single word decides.
///
/// On small data sets this is what keeps a transformer trained from scratch from learning reviews by heart: word dropout
/// (Iyyer et al. 2015) with a token in the place of the gap, so that positions stay.
public struct TokenDropout: Sendable, Hashable {
  /// Share of the tokens that are replaced.
  public let rate: Float
  /// What replaces them.
  public let maskID: Int32
  /// Tokens that always stay.
  public let protectedIDs: Set<Int32>

  /// Dropout of all tokens but the protected ones.
  public init(rate: Float, maskID: Int32, protectedIDs: Set<Int32>) {
    self.rate = rate
    self.maskID = maskID
    self.protectedIDs = protectedIDs
  }

  /// Returns the batch as a training pass sees it; in inference it stays as it is.
  func applied(to batch: TokenBatch, _ mode: Mode) -> TokenBatch {
    guard rate > 0, let key = mode.pass?.nextKey() else { return batch }
    let ids = batch.ids.enumerated().map { index, id in
      key.uniform(at: UInt64(index)) < rate && !protectedIDs.contains(id) ? maskID : id
    }
    return TokenBatch(ids: ids, segments: batch.segments, layout: batch.layout)
  }
}
