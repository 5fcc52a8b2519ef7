// SPDX-License-Identifier: Apache-2.0

/// What the outputs of a classifier mean.
public enum ClassificationTask: String, Sendable, Hashable, Codable, CaseIterable {
  /// One label of several: a softmax over one logit a label.
  case singleLabel = "single-label"
  /// Any number of labels: a sigmoid of each label's logit.
  case multiLabel = "multi-label"
  /// One number: the single output as it is.
  case regression
  /// One label of several that stand in an order, as stars do: a softmax that was trained to miss by little.
  case ordinal
}
