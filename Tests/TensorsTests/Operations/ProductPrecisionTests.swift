// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Products with rounded factors")
struct ProductPrecisionTests {
  /// Relative errors that rounding the factors of a few products in a row explains: a random factor is off by 2^-10 of
  /// itself in BFloat16 and by 2^-13 in integers of 13 bits, root mean square. At least a hundredth of it must be there.
  private static let bounds: [(ProductPrecision, Double)] = [(.bfloat16, 0x1p-6), (.int16, 0x1p-9)]

  private let tensors = NamedTensors([
    "x": drawn([200, 96], 1), "w1": drawn([384, 96], 2, 0.1), "b1": drawn([384], 3),
    "w2": drawn([96, 384], 4, 0.1), "b2": drawn([96], 5), "wide": drawn([768, 96], 6, 0.1),
    "key": drawn([96, 96], 7, 0.2), "value": drawn([96, 96], 8, 0.2),
    "rows": drawn([600, 96], 10), "table": drawn([384, 96], 11, 0.1), "bias": drawn([384], 12),
  ])

  private static func drawn(_ shape: [Int], _ seed: UInt64, _ scale: Double = 1) -> Tensor {
    Tensor.drawn(shape, seed: seed, scale: scale).converted(to: .float32)
  }

  /// Values and gradients of the operation in both precisions.
  ///
  /// - Parameter smooth: What is a sum of so much that rounding the factors hardly shows.
  private func compare(
    _ bound: (ProductPrecision, Double), smooth: Set<String> = [],
    _ operation: (NamedTensors, ProductPrecision) -> Tensor
  ) {
    let weights = Self.drawn([200, 96], 9)
    func run(_ products: ProductPrecision) -> (value: Tensor, gradients: Gradients) {
      var result = Tensor([])
      let gradients = valueAndGradients(of: tensors) { tensors in
        let value = operation(tensors, products)
        result = value.detached()
        return value.shape.isEmpty ? value : (value * weights).sum()
      }.gradients
      return (result, gradients)
    }
    let (expected, found) = (run(.float32), run(bound.0))
    check(found.value, expected.value, bound.1, "value", smooth)
    #expect(found.gradients.byName.keys.sorted() == expected.gradients.byName.keys.sorted())
    for (name, gradient) in expected.gradients.byName {
      guard case .dense(let wanted) = gradient, case .dense(let got)? = found.gradients[name]
      else { continue }
      check(got, wanted, bound.1, name, smooth)
    }
  }

  private func check(
    _ found: Tensor, _ expected: Tensor, _ bound: Double, _ name: String, _ smooth: Set<String>
  ) {
    let distance = relativeDistance(found.doubles, expected.doubles)
    #expect(distance < bound, "\(name)")
    if !smooth.contains(name) { #expect(distance > bound / 100, "\(name): not rounded") }
  }

  @Test("Linear maps", arguments: bounds)
  func linear(_ bound: (ProductPrecision, Double)) {
    compare(bound) { tensors, products in
      tensors["x"].linear(weight: tensors["key"], bias: nil, then: .tanh, in: products)
    }
  }

  @Test("Feed-forward nets", arguments: bounds)
  func feedForward(_ bound: (ProductPrecision, Double)) {
    // The gradient of the last bias is a sum that no product enters.
    compare(bound, smooth: ["b2"]) { tensors, products in
      tensors["x"].feedForward(
        expand: (tensors["w1"], tensors["b1"]), activation: .gelu,
        contract: (tensors["w2"], tensors["b2"]), in: products)
    }
    compare(bound, smooth: ["b2"]) { tensors, products in
      tensors["x"].gatedFeedForward(
        expand: (tensors["wide"], nil), activation: .gelu,
        contract: (tensors["w2"], tensors["b2"]), in: products)
    }
  }

  @Test("Self-attention", arguments: bounds)
  func selfAttention(_ bound: (ProductPrecision, Double)) {
    let layout = SequenceLayout(lengths: [130, 1, 69])
    compare(bound) { tensors, products in
      tensors["x"].selfAttention(
        query: (tensors["key"], nil), key: (tensors["value"], nil), value: (tensors["key"], nil),
        layout, settings: AttentionSettings(headCount: 4), in: products)
    }
  }

  // More rows than one chunk of logits, so that the gradient of the table is summed over two.
  @Test("Output layers", arguments: bounds)
  func outputLayer(_ bound: (ProductPrecision, Double)) {
    let targets = CrossEntropyTargets((0..<600).map { Int32($0 * 7 % 384) })
    compare(bound, smooth: ["value", "bias"]) { tensors, products in
      tensors["rows"].projectedCrossEntropy(
        table: tensors["table"], bias: tensors["bias"], targets, in: products)
    }
  }

  @Test("The same bits with 1, 2, 3 and 4 threads", arguments: ProductPrecision.allCases)
  func threads(_ products: ProductPrecision) {
    let results = ThreadSweep.bytes {
      let gradients = valueAndGradients(of: tensors) { tensors in
        tensors["x"].feedForward(
          expand: (tensors["w1"], tensors["b1"]), activation: .gelu,
          contract: (tensors["w2"], tensors["b2"]), in: products
        ).projectedCrossEntropy(
          table: tensors["table"], bias: tensors["bias"],
          CrossEntropyTargets((0..<200).map { Int32($0) }), in: products)
      }.gradients
      return gradients.byName.sorted { $0.key < $1.key }.compactMap { _, gradient in
        if case .dense(let tensor) = gradient { tensor } else { nil }
      }
    }
    #expect(results[0].count == 7 && Set(results).count == 1)
  }

  @Test("Double precision is not rounded", arguments: ProductPrecision.allCases)
  func doubles(_ products: ProductPrecision) {
    let (x, weight) = (Tensor.drawn([50, 96], seed: 1), Tensor.drawn([96, 96], seed: 2))
    #expect(
      x.linear(weight: weight, bias: nil, in: products).doubles
        == x.linear(weight: weight, bias: nil).doubles)
  }
}
