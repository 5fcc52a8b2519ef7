// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension AttentionKernel {
  /// Gradients of queries, keys, values, and of the bias table when it is wanted.
  struct Gradients {
    let queries: Tensor
    let keys: Tensor
    let values: Tensor
    let bias: Tensor?
  }

  /// One task for each key sequence and head, so that no two tasks add to one row.
  func backward(
    _ gradient: Tensor, output: Tensor, logSumExp: Tensor, keys: Tensor, keyLayout: SequenceLayout,
    wantsBias: Bool
  ) -> Gradients {
    let sequencesOfKeys = Dictionary(grouping: keySequences.indices, by: { keySequences[$0] })
    let biasPartials = bias.flatMap { bias in
      wantsBias
        ? Tensor.zeros([keyLayout.count, bias.table.count], precision: precision) : nil
    }
    let pass = BackwardPass(
      gradient: gradient, output: output, logSumExp: logSumExp,
      queryGradient: Tensor(uninitialized: queries.shape, precision: precision),
      keyGradient: Tensor(uninitialized: keys.shape, precision: precision),
      valueGradient: Tensor(uninitialized: keys.shape, precision: precision),
      biasPartials: biasPartials)
    let work = (0..<keyLayout.count).map { keySequence in
      (sequencesOfKeys[keySequence] ?? []).reduce(0) {
        $0
          + scoreCount(queries: queryLayout.length(of: $1), keys: keyLayout.length(of: keySequence))
      }
    }
    forEachHead(work: work) { keySequence, head, scratch in
      let rows = keyLayout.rows(of: keySequence)
      let parts = (sequencesOfKeys[keySequence] ?? []).flatMap { sequence in
        queryBlocks(of: sequence).map { (sequence, $0) }
      }
      // One block of queries that sees all keys writes their gradients; several add to them.
      let overwrites =
        parts.count == 1 && isVisible(rows.count, toQueries: parts[0].1, of: parts[0].0, head: head)
      if !overwrites {
        clear(pointer(pass.keyGradient, row: rows.lowerBound, head: head), rows: rows.count)
        clear(pointer(pass.valueGradient, row: rows.lowerBound, head: head), rows: rows.count)
      }
      for (sequence, queryRows) in parts {
        propagate(
          queryRows, of: sequence, head: head, pass, scratch, keyBeta: overwrites ? 0 : 1)
      }
    }
    let biasGradient = biasPartials.flatMap { partials in
      bias.map { Kernels.columnSums(partials).reshaped($0.table.shape) }
    }
    return Gradients(
      queries: pass.queryGradient, keys: pass.keyGradient, values: pass.valueGradient,
      bias: biasGradient)
  }

  private struct BackwardPass {
    let gradient: Tensor
    let output: Tensor
    let logSumExp: Tensor
    let queryGradient: Tensor
    let keyGradient: Tensor
    let valueGradient: Tensor
    /// [key sequences, heads * distances]
    let biasPartials: Tensor?
  }

  /// Whether the blocks that `rows` see hold all `keyCount` keys.
  private func isVisible(
    _ keyCount: Int, toQueries rows: Range<Int>, of sequence: Int, head: Int
  ) -> Bool {
    blocks(queryRows: rows, of: sequence, head: head).reduce(0) { $0 + $1.keyRows.count }
      == keyCount
  }

  private func propagate(
    _ rows: Range<Int>, of sequence: Int, head: Int, _ pass: BackwardPass, _ scratch: Scratch,
    keyBeta: Double
  ) {
    let (scores, valueProducts, delta) = (scratch.scores, scratch.products, scratch.delta)
    let gradientRows = pointer(pass.gradient, row: rows.lowerBound, head: head)
    attune_row_dots(
      precision.kernel, pointer(pass.output, row: rows.lowerBound, head: head), dimension,
      gradientRows, dimension, delta, rows.count, headWidth)
    let queryTarget = pointer(pass.queryGradient, row: rows.lowerBound, head: head)
    let found = blocks(queryRows: rows, of: sequence, head: head)
    if found.isEmpty { clear(queryTarget, rows: rows.count) }
    for (index, block) in found.enumerated() {
      let (keys, firstKey) = (block.keyRows.count, block.keyRows.lowerBound)
      multiplyScores(block, into: scores)
      BLAS.multiply(
        precision, transposeA: false, transposeB: true, m: rows.count, n: keys, k: headWidth,
        gradientRows, dimension, pointer(block.page.values, row: firstKey, head: head),
        dimension, valueProducts, keys)
      var settings = scoreBlock(block)
      attune_attention_backward(
        precision.kernel, &settings, scores, valueProducts, keys,
        pass.logSumExp.pointer(atElement: head * pass.logSumExp.columnCount + rows.lowerBound),
        delta, biasTarget(pass, sequence: sequence, head: head), rows.count, keys)
      BLAS.multiply(
        precision, transposeA: true, transposeB: false, m: keys, n: headWidth, k: rows.count,
        scores, keys, gradientRows, dimension, beta: keyBeta,
        pointer(pass.valueGradient, row: firstKey, head: head), dimension)
      BLAS.multiply(
        precision, transposeA: true, transposeB: false, m: keys, n: headWidth, k: rows.count,
        valueProducts, keys, pointer(queries, row: rows.lowerBound, head: head), dimension,
        beta: keyBeta, pointer(pass.keyGradient, row: firstKey, head: head), dimension)
      BLAS.multiply(
        precision, transposeA: false, transposeB: false, m: rows.count, n: headWidth, k: keys,
        valueProducts, keys, pointer(block.page.keys, row: firstKey, head: head),
        dimension, beta: index > 0 ? 1 : 0, queryTarget, dimension)
    }
  }

  private func biasTarget(
    _ pass: BackwardPass, sequence: Int, head: Int
  ) -> UnsafeMutableRawPointer? {
    guard let partials = pass.biasPartials, let bias else { return nil }
    let row = keySequences[sequence] * partials.columnCount
    return partials.pointer(atElement: row + head * bias.table.columnCount)
  }
}
