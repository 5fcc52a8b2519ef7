// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import Foundation
import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Attention within a window")
struct WindowedAttentionTests {
  /// Attention of one head by its definition, over the keys at most `radius` away.
  private func expected(
    _ q: [Double], _ k: [Double], _ v: [Double], width: Int, radius: Int
  ) -> [Double] {
    let count = q.count / width
    var result = [Double](repeating: 0, count: q.count)
    for query in 0..<count {
      let keys = max(0, query - radius)...min(count - 1, query + radius)
      let weights = keys.map { key in
        let product = (0..<width).reduce(0) { $0 + q[query * width + $1] * k[key * width + $1] }
        return exp(product / Double(width).squareRoot())
      }
      let sum = weights.reduce(0, +)
      for (weight, key) in zip(weights, keys) {
        for column in 0..<width {
          result[query * width + column] += weight / sum * v[key * width + column]
        }
      }
    }
    return result
  }

  @Test("Far over blocks of queries and keys", arguments: [0, 3, 64, 200, 400])
  func definition(_ radius: Int) {
    let (rows, width) = (701, 4)
    let layout = SequenceLayout(lengths: [rows])
    let (q, k) = (Tensor.drawn([rows, width], seed: 1), Tensor.drawn([rows, width], seed: 2))
    let v = Tensor.drawn([rows, width], seed: 3)
    let found = Tensor.attention(
      queries: q, layout, keys: k, values: v, layout,
      settings: AttentionSettings(headCount: 1, pattern: .window(radius: radius)))
    let wanted = expected(q.doubles, k.doubles, v.doubles, width: width, radius: radius)
    #expect(relativeDistance(found.doubles, wanted) < 1e-13)
  }

  @Test("Gradients are those of full attention that hides all other keys")
  func gradients() throws {
    let layout = SequenceLayout(lengths: [300, 7, 0, 151])
    let (rows, radius) = (layout.tokenCount, 33)
    let tensors = NamedTensors([
      "q": .drawn([rows, 4], seed: 1), "k": .drawn([rows, 4], seed: 2),
      "v": .drawn([rows, 4], seed: 3),
    ])
    let hidden = Tensor(
      doubles: (0..<2 * 599).map { abs($0 % 599 - 299) > radius ? -1e9 : 0 }, shape: [2, 599])
    func gradients(_ pattern: AttentionPattern, _ bias: AttentionBias?) -> [Double] {
      let found = valueAndGradients(of: tensors) {
        let attended = Tensor.attention(
          queries: $0["q"], layout, keys: $0["k"], values: $0["v"], layout, bias: bias,
          settings: AttentionSettings(headCount: 2, pattern: pattern))
        return (attended * .drawn([rows, 4], seed: 4)).sum()
      }.gradients
      return ["q", "k", "v"].flatMap { found[$0]?.dense(shape: [rows, 4]).doubles ?? [] }
    }
    let windowed = gradients(.window(radius: radius), nil)
    let masked = gradients(.full, AttentionBias(table: hidden, origin: 299))
    #expect(windowed.count == 3 * rows * 4)
    #expect(relativeDistance(windowed, masked) < 1e-12)
  }

  @Test("Work grows with the window, not with the sequence", arguments: [64, 5])
  func work(_ radius: Int) {
    let rows = 4000
    let layout = SequenceLayout(lengths: [rows])
    let states = Tensor.zeros([rows, 2])
    let kernel = AttentionKernel(
      queries: states, queryLayout: layout,
      keySegments: layout.segments(keys: states, values: states), keySequences: [0], bias: nil,
      settings: AttentionSettings(headCount: 1, pattern: .window(radius: radius)))
    let blocks = kernel.queryBlocks(of: 0).flatMap {
      kernel.blocks(queryRows: $0, of: 0, head: 0)
    }
    let scores = blocks.reduce(0) { $0 + $1.queryRows.count * $1.keyRows.count }
    #expect(scores <= rows * (2 * radius + kernel.queryBlock))
  }
}
