// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the mean of each sequence's rows; zero for an empty one.  [tokens, dimension] -> [sequences, dimension]
  public func segmentMean(_ layout: SequenceLayout) -> Tensor {
    requireFit(layout)
    return .recorded(Kernels.segmentMean(self, layout), from: [self]) { call in
      let shares = layout.lengths.map { $0 == 0 ? 0 : 1 / Double($0) }
      let scale = Tensor(doubles: shares, shape: [shares.count])
        .converted(to: call.gradient.precision)
      let scaled = Kernels.scaledRows(call.gradient, by: scale)
      return [.dense(Kernels.gather([scaled], [layout.sequenceOfRow], rows: layout.tokenCount))]
    }
  }

  /// Returns the largest value of each column over each sequence's rows; zero for an empty one.
  /// [tokens, dimension] -> [sequences, dimension]
  public func segmentMaximum(_ layout: SequenceLayout) -> Tensor {
    requireFit(layout)
    let (result, winners) = Kernels.segmentMaximum(self, layout)
    let shape = shape
    return .recorded(result, from: [self]) { call in
      let spread = Tensor.zeros(shape, precision: call.gradient.precision)
      Kernels.scatterElements(call.gradient, winners: winners, of: spread)
      return [.dense(spread)]
    }
  }

  /// Returns each sequence's rows weighted by the softmax of their scores.  [tokens, dimension] -> [sequences, dimension]
  ///
  /// - Parameter scores: [tokens, 1]
  public func segmentWeighted(by scores: Tensor, _ layout: SequenceLayout) -> Tensor {
    requireFit(layout)
    let weights = Kernels.segmentSoftmax(scores, layout)
    let result = Kernels.segmentSums(self, weights: weights, layout)
    return .recorded(result, from: [self, scores], saving: [self, weights]) { call in
      let (rows, weights) = (call.saved[0], call.saved[1])
      let spread = Kernels.gather([call.gradient], [layout.sequenceOfRow], rows: layout.tokenCount)
      let scoreGradient: Tensor? =
        call.needed[1]
        ? Kernels.segmentSoftmaxBackward(weights, Kernels.rowDots(rows, spread), layout) : nil
      return [
        call.needed[0] ? .dense(Kernels.scaledRows(spread, by: weights)) : nil,
        scoreGradient.map { .dense($0) },
      ]
    }
  }

  /// Returns the sum of each sequence's rows, each times a constant of its own.  [tokens, dimension] -> [sequences, dimension]
  ///
  /// - Parameter weights: One number a token.
  public func segmentSum(weights: [Double], _ layout: SequenceLayout) -> Tensor {
    requireFit(layout)
    precondition(weights.count == rowCount, "\(weights.count) weights for \(rowCount) rows")
    let weights = Tensor(doubles: weights, shape: [weights.count]).converted(to: precision)
    return .recorded(Kernels.segmentSums(self, weights: weights, layout), from: [self]) { call in
      let spread = Kernels.gather([call.gradient], [layout.sequenceOfRow], rows: layout.tokenCount)
      return [.dense(Kernels.scaledRows(spread, by: weights))]
    }
  }

  private func requireFit(_ layout: SequenceLayout) {
    precondition(
      rowCount == layout.tokenCount,
      "\(shape) does not hold the \(layout.tokenCount) rows of a layout")
  }
}

extension SequenceLayout {
  /// The sequence that each row belongs to.
  public var sequenceOfRow: [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(tokenCount)
    for sequence in 0..<count {
      result.append(contentsOf: repeatElement(Int32(sequence), count: length(of: sequence)))
    }
    return result
  }
}
