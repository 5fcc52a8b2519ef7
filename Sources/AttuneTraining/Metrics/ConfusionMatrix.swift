// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// How often each label was predicted for each true label.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Number of labels.
  public let labelCount: Int
  /// Row by row: true label, then predicted label.
  public private(set) var counts: [Int]

  /// Counts of the given pairs.
  public init(labels: [Int], predictions: [Int], labelCount: Int) {
    precondition(
      labels.count == predictions.count,
      "\(predictions.count) predictions for \(labels.count) labels")
    self.labelCount = labelCount
    counts = [Int](repeating: 0, count: labelCount * labelCount)
    for (label, prediction) in zip(labels, predictions) {
      counts[label * labelCount + prediction] += 1
    }
  }

  /// Counts of as many cells as given, drawn from them with replacement.
  init(drawnFrom cells: [Int], labelCount: Int, key: RandomKey) {
    self.labelCount = labelCount
    let count = UInt64(cells.count)
    counts = [Int](repeating: 0, count: labelCount * labelCount)
    counts.withUnsafeMutableBufferPointer { counts in
      cells.withUnsafeBufferPointer { cells in
        for index in 0..<count {
          counts[cells[Int((UInt64(key.word(at: index)) * count) >> 32)]] += 1
        }
      }
    }
  }

  /// How often `predicted` was predicted for `label`.
  public subscript(label: Int, predicted predicted: Int) -> Int {
    counts[label * labelCount + predicted]
  }

  /// Pairs altogether.
  public var total: Int { counts.reduce(0, +) }

  /// Pairs of the diagonal.
  public var correct: Int { (0..<labelCount).reduce(0) { $0 + self[$1, predicted: $1] } }

  /// How often the label is true.
  public func support(of label: Int) -> Int {
    (0..<labelCount).reduce(0) { $0 + self[label, predicted: $1] }
  }

  /// How often the label is predicted.
  public func predictedCount(of label: Int) -> Int {
    (0..<labelCount).reduce(0) { $0 + self[$1, predicted: label] }
  }
}
