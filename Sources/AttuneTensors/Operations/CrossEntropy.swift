// SPDX-License-Identifier: Apache-2.0

/// What each row of logits is compared with.
public struct CrossEntropyTargets: Sendable {
  /// Class of each row; a negative one leaves the row out.
  public let classes: [Int32]
  /// Share of the target spread evenly over all classes (Szegedy et al. 2016, section 7).
  public let labelSmoothing: Float
  /// Weight of each row; nil: 1.
  public let weights: [Float]?

  /// Targets of the given classes.
  public init(_ classes: [Int32], labelSmoothing: Float = 0, weights: [Float]? = nil) {
    self.classes = classes
    self.labelSmoothing = labelSmoothing
    self.weights = weights
  }

  fileprivate func requireFit(rows: Int, classes classCount: Int) {
    precondition(
      classes.count == rows && weights?.count ?? rows == rows,
      "cross-entropy: \(classes.count) targets, \(weights?.count ?? rows) weights, \(rows) rows")
    let highest = classes.max() ?? -1
    precondition(highest < classCount, "cross-entropy: target \(highest) of \(classCount) classes")
  }
}

extension Tensor {
  /// Returns the cross-entropy between the softmax of each row and its target, weighted and summed over the rows.
  /// [rows, classes] -> a single number
  public func crossEntropy(_ targets: CrossEntropyTargets) -> Tensor {
    targets.requireFit(rows: rowCount, classes: columnCount)
    let loss = Kernels.crossEntropy(self, targets)
    return .recorded(loss.sum, from: [self], saving: [self, loss.logSumExp]) { call in
      let gradient = Kernels.scaled(call.saved[0], by: 1)
      Kernels.replaceByCrossEntropyGradient(
        gradient, logSumExp: call.saved[1], targets, scale: call.gradient.doubles[0])
      return [.dense(gradient)]
    }
  }

  /// Returns `(self . table^T + bias).crossEntropy(targets)` without ever holding all logits: they are computed in chunks of
  /// rows, and again in the backward pass.  [rows, dimension] -> a single number
  ///
  /// - Parameters:
  ///   - table: [vocabulary, dimension]
  ///   - bias: [vocabulary]
  public func projectedCrossEntropy(
    table: Tensor, bias: Tensor?, _ targets: CrossEntropyTargets
  ) -> Tensor {
    precondition(
      columnCount == table.columnCount,
      "projected cross-entropy: \(shape) x \(table.shape): inner dimensions differ")
    targets.requireFit(rows: rowCount, classes: table.rowCount)
    let forward = ProjectedCrossEntropy(states: self, table: table, bias: bias, targets: targets)
    let (sum, logSumExp) = forward.loss()
    return .recorded(
      sum, from: [self, table, bias], saving: [self, table, logSumExp] + (bias.map { [$0] } ?? [])
    ) { call in
      let again = ProjectedCrossEntropy(
        states: call.saved[0], table: call.saved[1],
        bias: call.saved.count > 3 ? call.saved[3] : nil, targets: targets)
      let gradients = again.gradients(
        logSumExp: call.saved[2], scale: call.gradient.doubles[0])
      return [
        .dense(gradients.states), .dense(gradients.table),
        call.needed[2] ? .dense(gradients.bias) : nil,
      ]
    }
  }
}

/// The chunked walk over rows that loss and gradients share.
private struct ProjectedCrossEntropy {
  let states: Tensor
  let table: Tensor
  let bias: Tensor?
  let targets: CrossEntropyTargets

  /// Rows of logits held at a time.
  private static let chunkRows = 512

  func loss() -> (sum: Tensor, logSumExp: Tensor) {
    var total = 0.0
    var parts: [Tensor] = []
    forChunks { rows, states, targets in
      let logits = Kernels.linear(states, table, bias, then: nil).sums
      let loss = Kernels.crossEntropy(logits, targets)
      total += loss.sum.doubles[0]
      parts.append(loss.logSumExp.reshaped([rows.count, 1]))
    }
    let sum = Tensor(doubles: [total], shape: []).converted(to: states.precision)
    guard !parts.isEmpty else { return (sum, Tensor.zeros([0, 1], precision: states.precision)) }
    return (sum, Tensor.concatenatingRows(parts))
  }

  func gradients(
    logSumExp: Tensor, scale: Double
  ) -> (states: Tensor, table: Tensor, bias: Tensor) {
    let precision = states.precision
    let stateGradient = Tensor(uninitialized: states.shape, precision: precision)
    let tableGradient = Tensor.zeros(table.shape, precision: precision)
    let biasGradient = Tensor.zeros([table.rowCount], precision: precision)
    let (vocabulary, dimension) = (table.rowCount, table.columnCount)
    forChunks { rows, states, targets in
      let logits = Kernels.linear(states, table, bias, then: nil).sums
      Kernels.replaceByCrossEntropyGradient(
        logits, logSumExp: Kernels.rows(rows, of: logSumExp), targets, scale: scale)
      Kernels.multiply(
        precision, m: rows.count, n: dimension, k: vocabulary, logits.pointer, table.pointer,
        into: stateGradient.pointer(atElement: rows.lowerBound * dimension))
      Kernels.multiply(
        precision, transposeA: true, m: vocabulary, n: dimension, k: rows.count, logits.pointer,
        states.pointer, beta: 1, into: tableGradient.pointer)
      Kernels.addColumnSums(logits, to: biasGradient)
    }
    return (stateGradient, tableGradient, biasGradient)
  }

  private func forChunks(_ body: (Range<Int>, Tensor, CrossEntropyTargets) -> Void) {
    for first in stride(from: 0, to: states.rowCount, by: Self.chunkRows) {
      let rows = first..<min(first + Self.chunkRows, states.rowCount)
      body(
        rows, Kernels.rows(rows, of: states),
        CrossEntropyTargets(
          Array(targets.classes[rows]), labelSmoothing: targets.labelSmoothing,
          weights: targets.weights.map { Array($0[rows]) }))
    }
  }
}
