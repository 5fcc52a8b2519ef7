// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

extension TextClassification {
  /// Computing must not block the threads that Swift's tasks share.
  private static let queue = DispatchQueue(label: "attune.pipelines", attributes: .concurrent)

  /// Returns the labels of rows, in their order, computed away from the caller's task.
  public func classify(_ rows: [TextParts]) async -> [Prediction] {
    await withCheckedContinuation { continuation in
      Self.queue.async {
        let predictions: [Prediction] = classify(rows)
        continuation.resume(returning: predictions)
      }
    }
  }
}
