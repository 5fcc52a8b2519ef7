// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

/// Attention of one head over whole rows, by definition, in double.
struct AttentionCase {
  let queries: Int
  let keys: Int
  var before: Int64 = -1
  var after: Int64 = -1
  var rate = 0.0
  var isBiased = false
  let width = 5
  let scale = 0.7

  static let all = [
    Self(queries: 5, keys: 7), Self(queries: 20, keys: 37),
    Self(queries: 33, keys: 33, after: 0), Self(queries: 17, keys: 40, before: 3, after: 2),
    Self(queries: 40, keys: 20, before: 4, after: 4), Self(queries: 9, keys: 65, rate: 0.3),
    Self(queries: 20, keys: 37, after: 0, rate: 0.2, isBiased: true),
    Self(queries: 16, keys: 64, isBiased: true), Self(queries: 5, keys: 0),
  ]

  func sees(_ query: Int, _ key: Int) -> Bool {
    (before < 0 || Int64(key) >= Int64(query) - before)
      && (after < 0 || Int64(key) <= Int64(query) + after)
  }

  /// Probability and its factor under dropout of each key.
  func row(_ query: Int, raw: [Double], bias: [Double]) -> [(p: Double, kept: Double)] {
    let powers = (0..<keys).map { key in
      sees(query, key)
        ? exp(raw[key] * scale + (isBiased ? bias[key - query + queries] : 0)) : 0
    }
    let total = powers.reduce(0, +)
    return powers.enumerated().map { key, power in
      let place = attune_random_key(11, UInt64(100 + query))
      let kept = rate == 0 || isKept(key: place, index: UInt64(key), rate: rate)
      return (total == 0 ? 0 : power / total, kept ? 1 / (1 - rate) : 0)
    }
  }

  func block(_ firstQuery: Int, _ firstKey: Int, _ bias: UnsafeRawPointer?) -> attune_score_block {
    attune_score_block(
      scale: scale, first_query: Int64(firstQuery), first_key: Int64(firstKey),
      window_before: before, window_after: after, bias: isBiased ? bias : nil,
      bias_origin: Int64(queries), dropout_key: 11, dropout_row: UInt64(100 + firstQuery),
      dropout_rate: rate)
  }
}

/// Inputs of a case, its output and the statistics that the backward needs.
struct AttentionRun<Element: KernelNumber> {
  let item: AttentionCase
  let raw: [Element]
  let values: [Element]
  let bias: [Element]
  var output: [Element]
  var logSumExp: [Element]

  init(_ item: AttentionCase, rowBlock: Int, keyBlock: Int) {
    self.item = item
    var numbers = Numbers(seed: UInt64(item.keys))
    raw = numbers.array(item.queries * item.keys, scale: 6)
    values = numbers.array(item.keys * item.width)
    bias = numbers.array(item.queries + item.keys + 1)
    output = [Element](repeating: 0, count: item.queries * item.width)
    logSumExp = [Element](repeating: 7, count: item.queries)
    for start in stride(from: 0, to: item.queries, by: rowBlock) {
      attend(start, min(rowBlock, item.queries - start), keyBlock)
    }
  }

  /// Online softmax over blocks of keys, with the products that the caller of the kernel makes.
  private mutating func attend(_ start: Int, _ rows: Int, _ keyBlock: Int) {
    let precision = Element.precision
    var maxima = [Element](repeating: -.infinity, count: rows)
    var (sums, corrections) = ([Element](repeating: 0, count: rows), maxima)
    var block = [Element](repeating: 0, count: rows * item.width)
    for firstKey in stride(from: 0, to: item.keys, by: keyBlock) {
      let count = min(keyBlock, item.keys - firstKey)
      var scores = scoreBlock(start, rows, firstKey, count)
      bias.withUnsafeBytes {
        var settings = item.block(start, firstKey, $0.baseAddress)
        attune_attention_softmax(
          precision, &settings, &scores, count + 1, &maxima, &sums, &corrections, rows, count)
      }
      attune_attention_rescale(precision, &block, item.width, corrections, rows, item.width)
      for r in 0..<rows {
        for i in 0..<count * item.width {
          let (key, column) = (i / item.width, i % item.width)
          block[r * item.width + column] +=
            scores[r * (count + 1) + key] * values[(firstKey + key) * item.width + column]
        }
      }
    }
    var statistics = sums
    attune_attention_finish(
      precision, &block, item.width, maxima, sums, &statistics, rows, item.width)
    output.replaceSubrange(start * item.width..<(start + rows) * item.width, with: block)
    logSumExp.replaceSubrange(start..<start + rows, with: statistics)
  }

  /// Raw scores of a block, one element of padding after each row.
  func scoreBlock(_ start: Int, _ rows: Int, _ firstKey: Int, _ count: Int) -> [Element] {
    (0..<rows).flatMap { r in
      (0..<count).map { raw[(start + r) * item.keys + firstKey + $0] } + [7]
    }
  }

  func expectedRow(_ query: Int) -> [(p: Double, kept: Double)] {
    item.row(
      query, raw: raw[query * item.keys..<(query + 1) * item.keys].map { Double($0) },
      bias: bias.map { Double($0) })
  }
}

extension KernelTests {
  @Test("Blockwise attention equals attention over whole rows", arguments: Level.ofFloats)
  func attention(level: Level) {
    level.use()
    defer { Level.leave() }
    for item in AttentionCase.all {
      checkAttention(Float.self, item)
      checkAttention(Double.self, item)
    }
  }

  private func checkAttention<Element: KernelNumber>(_: Element.Type, _ item: AttentionCase) {
    let run = AttentionRun<Element>(item, rowBlock: 100, keyBlock: 16)
    let cut = AttentionRun<Element>(item, rowBlock: 7, keyBlock: 16)
    expectSameBits(run.output, cut.output, "\(item)")
    expectSameBits(run.logSumExp, cut.logSumExp, "\(item)")
    for query in 0..<item.queries {
      let row = run.expectedRow(query)
      let expected = (0..<item.width).map { column in
        row.indices.reduce(0.0) {
          $0 + row[$1].p * row[$1].kept * Double(run.values[$1 * item.width + column])
        }
      }
      expectClose(
        Array(run.output[query * item.width..<(query + 1) * item.width]), expected,
        tolerance: Element.tolerance * 9, "\(item), query \(query)")
    }
  }

  @Test("Gradients of attention", arguments: Level.ofFloats)
  func attentionBackward(level: Level) {
    level.use()
    defer { Level.leave() }
    for item in AttentionCase.all {
      checkAttentionBackward(Float.self, item)
      checkAttentionBackward(Double.self, item)
    }
  }

  private func checkAttentionBackward<Element: KernelNumber>(
    _: Element.Type, _ item: AttentionCase
  ) {
    let run = AttentionRun<Element>(item, rowBlock: 100, keyBlock: 100)
    let (rows, keys) = (item.queries, item.keys)
    var numbers = Numbers(seed: 9)
    let incoming: [Element] = numbers.array(rows * (keys + 1))
    var scores = run.scoreBlock(0, rows, 0, keys)
    var products = incoming
    var (probabilities, slopes, deltas) = ([Double](), [Double](), [Element]())
    var biasSlopes = [Double](repeating: 0, count: run.bias.count)
    for query in 0..<rows {
      let row = run.expectedRow(query)
      let arriving = (0..<keys).map { row[$0].kept * Double(incoming[query * (keys + 1) + $0]) }
      let delta = zip(row, arriving).reduce(0) { $0 + $1.0.p * $1.1 }
      deltas.append(Element(delta))
      probabilities += row.map { $0.p * $0.kept } + [7]
      let changes = zip(row, arriving).map { $0.p * ($1 - delta) }
      slopes += changes.map { $0 * item.scale } + [Double(incoming[query * (keys + 1) + keys])]
      for key in 0..<keys { biasSlopes[key - query + rows] += changes[key] }
    }
    var biasGradient = run.bias.map { _ in Element(0) }
    run.bias.withUnsafeBytes {
      var settings = item.block(0, 0, $0.baseAddress)
      attune_attention_backward(
        Element.precision, &settings, &scores, &products, keys + 1, run.logSumExp, deltas,
        &biasGradient, rows, keys)
    }
    let tolerance = Element.tolerance * 9
    expectClose(scores, probabilities, tolerance: tolerance, "\(item)")
    expectClose(products, slopes, tolerance: tolerance, "\(item)")
    expectClose(biasGradient, biasSlopes, tolerance: tolerance, "\(item)")
  }

  @Test("A row that sees nothing stays empty; what it sees later counts", arguments: Level.ofFloats)
  func hiddenRows(level: Level) {
    level.use()
    defer { Level.leave() }
    let bias = [Float](repeating: -.infinity, count: 40)
    var scores = [Float](repeating: 3, count: 2 * 20)
    var (maxima, sums): ([Float], [Float]) = ([-.infinity, -.infinity], [0, 0])
    var corrections: [Float] = [9, 9]
    bias.withUnsafeBytes {
      var item = AttentionCase(queries: 2, keys: 20)
      item.isBiased = true
      var block = item.block(0, 0, $0.baseAddress)
      attune_attention_softmax(
        ATTUNE_FLOAT32, &block, &scores, 20, &maxima, &sums, &corrections, 2, 20)
    }
    #expect(maxima == [-.infinity, -.infinity] && sums == [0, 0] && corrections == [0, 0])
    #expect(scores.allSatisfy { $0 == 0 })
    var (output, statistics): ([Float], [Float]) = ([5, 5], [5, 5])
    attune_attention_finish(ATTUNE_FLOAT32, &output, 1, maxima, sums, &statistics, 2, 1)
    #expect(output == [0, 0] && statistics == [0, 0])
    scores = [Float](repeating: 3, count: 2 * 20)
    var open = AttentionCase(queries: 2, keys: 20).block(0, 20, nil)
    attune_attention_softmax(
      ATTUNE_FLOAT32, &open, &scores, 20, &maxima, &sums, &corrections, 2, 20)
    expectClose(sums, [20, 20])
    #expect(corrections == [0, 0])
  }
}
