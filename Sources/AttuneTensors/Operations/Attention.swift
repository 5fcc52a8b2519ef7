// SPDX-License-Identifier: Apache-2.0

/// Which keys a query sees. Query i of a sequence stands at position keyCount - queryCount + i.
public enum AttentionPattern: Sendable, Hashable {
  /// All keys.
  case full
  /// Keys at its own position and before.
  case causal
  /// Keys at most `radius` positions away.
  case window(radius: Int)
}

/// How queries meet keys: heads, visibility, and what is added to or dropped from the weights.
public struct AttentionSettings: Sendable {
  /// Heads that the columns of queries, keys and values are cut into.
  public let headCount: Int
  /// Which keys a query sees.
  public let pattern: AttentionPattern
  /// Factor of query . key; nil: 1 / sqrt(head width) (Vaswani et al. 2017, equation 1).
  public let scale: Float?
  /// Dropout of the weights.
  public let dropout: DropoutDraw?

  /// Attention of `headCount` heads.
  public init(
    headCount: Int, pattern: AttentionPattern = .full, scale: Float? = nil,
    dropout: DropoutDraw? = nil
  ) {
    self.headCount = headCount
    self.pattern = pattern
    self.scale = scale
    self.dropout = dropout
  }
}

/// A number for each head and each distance (key position - query position), added to the scores: relative position buckets, ALiBi.
public struct AttentionBias: Sendable {
  /// [heads, distances]
  public let table: Tensor
  /// Column of distance 0; a distance outside the table is a misuse.
  public let origin: Int

  /// A bias table whose column `origin` is distance 0.
  public init(table: Tensor, origin: Int) {
    self.table = table
    self.origin = origin
  }
}

extension Tensor {
  /// Returns scaled dot-product attention of packed queries over packed keys and values (Vaswani et al. 2017, section 3.2).
  /// [queries, dimension], [keys, dimension], [keys, dimension] -> [queries, dimension]
  ///
  /// Only the output and one number a query and head are kept for the backward pass, which computes the scores again, block by block.
  ///
  /// - Parameter keySequences: The key sequence that each query sequence attends to; nil: the one of its own index.
  public static func attention(
    queries: Tensor, _ queryLayout: SequenceLayout, keys: Tensor, values: Tensor,
    _ keyLayout: SequenceLayout, keySequences: [Int]? = nil, bias: AttentionBias? = nil,
    settings: AttentionSettings
  ) -> Tensor {
    let kernel = AttentionKernel(
      queries: queries, queryLayout: queryLayout,
      keySegments: keyLayout.segments(keys: keys, values: values),
      keySequences: keySequences ?? Array(0..<queryLayout.count), bias: bias, settings: settings)
    let (output, logSumExp) = kernel.forward()
    // The backward pass holds no tensor but the saved ones: a tracked one would keep its whole computation alive.
    let (keySequences, origin) = (kernel.keySequences, bias?.origin)
    return .recorded(
      output, from: [queries, keys, values, bias?.table],
      saving: [queries, keys, values, output, logSumExp] + (bias.map { [$0.table] } ?? [])
    ) { call in
      let saved = call.saved
      let again = AttentionKernel(
        queries: saved[0], queryLayout: queryLayout,
        keySegments: keyLayout.segments(keys: saved[1], values: saved[2]),
        keySequences: keySequences,
        bias: origin.map { AttentionBias(table: saved[5], origin: $0) }, settings: settings)
      let gradients = again.backward(
        call.gradient, output: saved[3], logSumExp: saved[4], keys: saved[1], keyLayout: keyLayout,
        wantsBias: call.needed[3])
      return [
        .dense(gradients.queries), .dense(gradients.keys), .dense(gradients.values),
        gradients.bias.map { .dense($0) },
      ]
    }
  }
}

/// Consecutive keys and values of one sequence, somewhere in two matrices.
struct KeySegment {
  let keys: Tensor
  let values: Tensor
  let firstRow: Int
  let count: Int
}

extension SequenceLayout {
  func segments(keys: Tensor, values: Tensor) -> [[KeySegment]] {
    precondition(
      keys.rowCount == tokenCount && values.shape == keys.shape,
      "attention: keys \(keys.shape), values \(values.shape) for a layout of \(tokenCount) rows")
    return (0..<count).map { sequence in
      [
        KeySegment(
          keys: keys.detached(), values: values.detached(), firstRow: offsets[sequence],
          count: length(of: sequence))
      ]
    }
  }
}
