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
    let heads = settings.headCount
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
    Parallel.forEach(keyLayout.count * heads) { task in
      let (keySequence, head) = (task / heads, task % heads)
      let rows = keyLayout.rows(of: keySequence)
      clear(pointer(pass.keyGradient, row: rows.lowerBound, head: head), rows: rows.count)
      clear(pointer(pass.valueGradient, row: rows.lowerBound, head: head), rows: rows.count)
      for sequence in sequencesOfKeys[keySequence] ?? [] {
        for queryRows in queryBlocks(of: sequence) {
          propagate(queryRows, of: sequence, head: head, pass)
        }
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

  private func propagate(
    _ rows: Range<Int>, of sequence: Int, head: Int, _ pass: BackwardPass
  ) {
    let scores = Tensor(uninitialized: [rows.count, Self.keyBlock], precision: precision)
    let valueProducts = Tensor(uninitialized: [rows.count, Self.keyBlock], precision: precision)
    let delta = Tensor(uninitialized: [rows.count], precision: precision)
    let gradientRows = pointer(pass.gradient, row: rows.lowerBound, head: head)
    attune_row_dots(
      precision.kernel, pointer(pass.output, row: rows.lowerBound, head: head), dimension,
      gradientRows, dimension, delta.pointer, rows.count, headWidth)
    let queryTarget = pointer(pass.queryGradient, row: rows.lowerBound, head: head)
    let found = blocks(queryRows: rows, of: sequence, head: head)
    if found.isEmpty { clear(queryTarget, rows: rows.count) }
    for (index, block) in found.enumerated() {
      let (keys, firstKey) = (block.keyRows.count, block.keyRows.lowerBound)
      multiplyScores(block, into: scores.pointer)
      BLAS.multiply(
        precision, transposeA: false, transposeB: true, m: rows.count, n: keys, k: headWidth,
        gradientRows, dimension, pointer(block.segment.values, row: firstKey, head: head),
        dimension, valueProducts.pointer, keys)
      var settings = scoreBlock(block)
      attune_attention_backward(
        precision.kernel, &settings, scores.pointer, valueProducts.pointer, keys,
        pass.logSumExp.pointer(atElement: head * pass.logSumExp.columnCount + rows.lowerBound),
        delta.pointer, biasTarget(pass, sequence: sequence, head: head), rows.count, keys)
      BLAS.multiply(
        precision, transposeA: true, transposeB: false, m: keys, n: headWidth, k: rows.count,
        scores.pointer, keys, gradientRows, dimension, beta: 1,
        pointer(pass.valueGradient, row: firstKey, head: head), dimension)
      BLAS.multiply(
        precision, transposeA: true, transposeB: false, m: keys, n: headWidth, k: rows.count,
        valueProducts.pointer, keys, pointer(queries, row: rows.lowerBound, head: head), dimension,
        beta: 1, pointer(pass.keyGradient, row: firstKey, head: head), dimension)
      BLAS.multiply(
        precision, transposeA: false, transposeB: false, m: rows.count, n: headWidth, k: keys,
        valueProducts.pointer, keys, pointer(block.segment.keys, row: firstKey, head: head),
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
