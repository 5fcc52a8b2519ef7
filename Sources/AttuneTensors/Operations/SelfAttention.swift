// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// A linear map: weight [output, input] and bias [output].
  public typealias Projection = (weight: Tensor, bias: Tensor?)

  /// Returns attention of every position to its own sequence, its queries, keys and values projected from this tensor.
  /// [tokens, dimension] -> [tokens, dimension]
  ///
  /// One operation, so that the three gradients of the input are summed in the products that make them, and the input
  /// is packed once for the gradients of the three weights.
  ///
  /// - Parameters:
  ///   - rotation: By how much queries and keys turn; nil: they do not.
  ///   - products: How the factors of the projections are rounded; scores stay Float32.
  public func selfAttention(
    query: Projection, key: Projection, value: Projection, _ layout: SequenceLayout,
    bias: AttentionBias? = nil, rotation: RotaryPositions? = nil, settings: AttentionSettings,
    in products: ProductPrecision = .float32
  ) -> Tensor {
    let projections = [query, key, value]
    precondition(
      projections.allSatisfy { $0.weight.columnCount == columnCount },
      "self-attention: \(shape) x \(projections.map(\.weight.shape)): inner dimensions differ")
    let projected = projections.map {
      Kernels.linear(self, $0.weight, $0.bias, then: nil, in: products).sums
    }
    for turning in projected.prefix(2) { Kernels.rotate(inPlace: turning, rotation) }
    let kernel = AttentionKernel(
      self: projected, layout, biasTable: bias?.table, bias, settings)
    let (output, logSumExp) = kernel.forward()
    return .recorded(
      output, from: [self] + projections.flatMap { [$0.weight, $0.bias] } + [bias?.table],
      saving: [self] + projections.map(\.weight) + projected + [output, logSumExp]
        + (bias.map { [$0.table] } ?? [])
    ) { call in
      let (x, weights, projected) = (call.saved[0], call.saved[1...3], Array(call.saved[4...6]))
      let again = AttentionKernel(
        self: projected, layout, biasTable: call.saved.count > 9 ? call.saved[9] : nil, bias,
        settings)
      let parts = again.backward(
        call.gradient, output: call.saved[7], logSumExp: call.saved[8], keys: projected[1],
        keyLayout: layout, wantsBias: call.needed[7])
      for turned in [parts.queries, parts.keys] {
        Kernels.rotate(inPlace: turned, rotation, isInverse: true)
      }
      let gradients = [parts.queries, parts.keys, parts.values]
      let input =
        call.needed[0]
        ? Kernels.sumOfProducts(gradients, Array(weights), in: products) : nil
      let maps = Kernels.products(
        ofTransposed: gradients.enumerated().map { call.needed[1 + 2 * $0] ? $1 : nil }, with: x,
        in: products)
      var result: [Gradient?] = [input.map { .dense($0) }]
      for (index, gradient) in gradients.enumerated() {
        result.append(maps[index].map { .dense($0) })
        result.append(call.needed[2 + 2 * index] ? .dense(Kernels.columnSums(gradient)) : nil)
      }
      return result + [parts.bias.map { .dense($0) }]
    }
  }
}

extension AttentionKernel {
  /// Attention of sequences to themselves, from their queries, keys and values.
  fileprivate init(
    self projected: [Tensor], _ layout: SequenceLayout, biasTable: Tensor?, _ bias: AttentionBias?,
    _ settings: AttentionSettings
  ) {
    self.init(
      queries: projected[0], queryLayout: layout,
      keySegments: layout.segments(keys: projected[1], values: projected[2]),
      keySequences: Array(0..<layout.count),
      bias: bias.flatMap { bias in
        biasTable.map { AttentionBias(table: $0.detached(), origin: bias.origin) }
      }, settings: settings)
  }
}
