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
  /// rows, of which each is turned into its gradient at once.  [rows, dimension] -> a single number
  ///
  /// - Parameters:
  ///   - table: [vocabulary, dimension]
  ///   - bias: [vocabulary]
  ///   - products: How the factors are rounded, here and in the derivative.
  public func projectedCrossEntropy(
    table: Tensor, bias: Tensor?, _ targets: CrossEntropyTargets,
    in products: ProductPrecision = .float32
  ) -> Tensor {
    precondition(
      columnCount == table.columnCount,
      "projected cross-entropy: \(shape) x \(table.shape): inner dimensions differ")
    targets.requireFit(rows: rowCount, classes: table.rowCount)
    let walk = ProjectedCrossEntropy(
      states: self, table: table, bias: bias, targets: targets, products: products)
    guard [self, table, bias].contains(where: { $0?.isTracked == true }) else {
      return walk.run(into: nil)
    }
    // Here and not in the backward pass, which would have to compute the logits again.
    let gradients = ProjectedCrossEntropy.Gradients(of: walk)
    let sum = walk.run(into: gradients)
    return .recorded(
      sum, from: [self, table, bias],
      saving: [gradients.states, gradients.table, gradients.bias]
    ) { call in
      let scale = call.gradient.doubles[0]
      return call.saved.enumerated().map { place, gradient in
        guard call.needed[place] else { return nil }
        return .dense(scale == 1 ? gradient : Kernels.scaled(gradient, by: scale))
      }
    }
  }
}

/// The chunked walk over rows that gives the loss and its gradients.
private struct ProjectedCrossEntropy {
  let states: Tensor
  let table: Tensor
  let bias: Tensor?
  let targets: CrossEntropyTargets
  let products: ProductPrecision

  /// Derivatives of the sum, of the shapes of what they belong to.
  struct Gradients {
    let states: Tensor
    let table: Tensor
    let bias: Tensor

    init(of walk: ProjectedCrossEntropy) {
      let precision = walk.states.precision
      states = Tensor(uninitialized: walk.states.shape, precision: precision)
      table = .zeros(walk.table.shape, precision: precision)
      bias = .zeros([walk.table.rowCount], precision: precision)
    }
  }

  /// Rows of logits held at a time.
  private static let chunkRows = 512

  /// Returns the loss; fills in the gradients where they are wanted.
  func run(into gradients: Gradients?) -> Tensor {
    var total = 0.0
    let transposed = packedTable(isTransposed: true)
    let plain = gradients == nil ? nil : packedTable(isTransposed: false)
    forChunks { rows, states, targets in
      let logits = Kernels.linear(
        states, table, bias, then: nil, in: products, packed: transposed
      ).sums
      let loss = Kernels.crossEntropy(logits, targets)
      total += loss.sum.doubles[0]
      guard let gradients else { return }
      Kernels.replaceByCrossEntropyGradient(logits, logSumExp: loss.logSumExp, targets, scale: 1)
      add(logits, states, rows, plain, to: gradients)
    }
    return Tensor(doubles: [total], shape: []).converted(to: states.precision)
  }

  /// The table as the right factor of the products of all chunks; nil where packing does not pay.
  private func packedTable(isTransposed: Bool) -> PackedFactor? {
    let (vocabulary, dimension) = (table.rowCount, table.columnCount)
    let (n, k) = isTransposed ? (vocabulary, dimension) : (dimension, vocabulary)
    guard
      PackedFactor.pays(
        table.precision, m: min(states.rowCount, Self.chunkRows), n: n, k: k, in: products)
    else { return nil }
    return PackedFactor(table.pointer, n: n, k: k, isTransposed: isTransposed, in: products)
  }

  /// Takes the derivatives of logits on to what they were computed from.
  ///
  /// - Parameter packed: The table as it is.
  private func add(
    _ logits: Tensor, _ states: Tensor, _ rows: Range<Int>, _ packed: PackedFactor?,
    to gradients: Gradients
  ) {
    let (vocabulary, dimension) = (table.rowCount, table.columnCount)
    Kernels.multiply(
      states.precision, m: rows.count, n: dimension, k: vocabulary, logits.pointer, table.pointer,
      in: products, packed: packed,
      into: gradients.states.pointer(atElement: rows.lowerBound * dimension))
    Kernels.multiply(
      states.precision, transposeA: true, m: vocabulary, n: dimension, k: rows.count,
      logits.pointer, states.pointer, beta: 1, in: products, into: gradients.table.pointer)
    Kernels.addColumnSums(logits, to: gradients.bias)
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
