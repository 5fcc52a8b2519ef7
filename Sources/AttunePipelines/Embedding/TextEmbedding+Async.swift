// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

extension TextEmbedding {
  /// Computing must not block the threads that Swift's tasks share.
  private static let queue = DispatchQueue(label: "attune.embedding", attributes: .concurrent)

  /// Returns the vectors of texts, in their order, computed away from the caller's task.
  public func embed(_ texts: [String], _ options: Options = Options()) async -> Embeddings {
    await withCheckedContinuation { continuation in
      Self.queue.async {
        let embeddings: Embeddings = embed(texts, options)
        continuation.resume(returning: embeddings)
      }
    }
  }
}
