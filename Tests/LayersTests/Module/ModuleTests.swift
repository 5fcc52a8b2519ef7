// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Modules")
struct ModuleTests {
  private let classifier = SmallEncoder.classifier(pooling: .mean, hasPooler: false)
  private let batch = TokenBatch([[3, 1, 4], [2]])

  @Test("Gradients come by parameter name, and the value is detached")
  func gradientsByName() {
    let (value, gradients) = valueAndGradients(of: classifier) {
      $0.logits(batch, mode: .inference).sum()
    }
    #expect(!value.isTracked)
    #expect(gradients.byName.keys.sorted() == classifier.namedTensors.map(\.name).sorted())
  }

  @Test("Parameters that are not trained get no gradient")
  func frozenParameters() {
    let gradients = valueAndGradients(
      of: classifier, where: { $0.hasPrefix("head.") }
    ) { $0.logits(batch, mode: .inference).sum() }.gradients
    #expect(
      gradients.byName.keys.sorted() == ["head.classifier.bias", "head.classifier.weight"])
  }

  @Test("A packed model gives what the plain one gives, and a write unpacks it")
  func prepared() {
    let packed = classifier.prepared(for: .float32)
    let (expected, found) = (
      classifier.logits(batch, mode: .inference), packed.logits(batch, mode: .inference)
    )
    #expect(relativeDistance(found.doubles, expected.doubles) < 1e-6)
    #expect(packed.head.classifier.weight.isPacked)
    #expect(!classifier.head.classifier.weight.isPacked)
    var written = packed
    written.updateTensors { _, tensor, _ in tensor.assign(tensor.values) }
    #expect(!written.head.classifier.weight.isPacked)
    #expect(!packed.converted(to: .float64).head.classifier.weight.isPacked)
  }

  @Test("A model packed without its values gives what they gave, and can be saved")
  func packedOnly() {
    let packed = classifier.prepared(for: .int8, keepsValues: false)
    let (expected, found) = (
      classifier.logits(batch, mode: .inference), packed.logits(batch, mode: .inference)
    )
    #expect(relativeDistance(found.doubles, expected.doubles) < 0.05)
    for (saved, original) in zip(packed.namedTensors, classifier.namedTensors) {
      #expect(saved.name == original.name && saved.tensor.shape == original.tensor.shape)
      #expect(relativeDistance(saved.tensor.doubles, original.tensor.doubles) < 0.01)
    }
  }

  @Test(
    "The precision of products outlives writes and tracking", arguments: ProductPrecision.allCases)
  func productPrecision(_ products: ProductPrecision) {
    var model = classifier.multiplying(in: products)
    model.updateTensors { _, tensor, _ in tensor.assign(tensor.values) }
    _ = valueAndGradients(of: model) { model in
      #expect(model.head.classifier.weight.products == products)
      return model.logits(batch, mode: .inference).sum()
    }
    #expect(model.prepared(for: .int16).head.classifier.weight.products == products)
    #expect(classifier.head.classifier.weight.products == .float32)
  }

  @Test("Training draws depend on seed, step and micro-batch alone")
  func trainingDraws() {
    func logits(_ seed: UInt64, _ step: Int, _ microBatch: Int) -> [Float] {
      let pass = TrainingPass(seed: seed, step: step, microBatch: microBatch)
      return classifier.logits(batch, mode: .training(pass)).values
    }
    #expect(logits(1, 2, 3) == logits(1, 2, 3))
    #expect(Set([logits(1, 2, 3), logits(2, 2, 3), logits(1, 3, 3), logits(1, 2, 4)]).count == 4)
  }

  @Test("A buffer is saved, not trained, and written after the pass")
  func buffers() {
    struct Counting: Module {
      var weight = Tensor([2])
      var mean = Tensor([0])
      func callAsFunction(_ x: Tensor, mode: Mode) -> Tensor {
        mode.pass?.update(mean, to: x)
        return x * weight + mean
      }
      mutating func visitParameters(_ visit: ParameterVisitor) {
        visit("weight", &weight)
        visit.buffer("mean", &mean)
      }
    }
    var module = Counting()
    let pass = TrainingPass(seed: 1, step: 1)
    let gradients = valueAndGradients(of: module) {
      $0(Tensor([5]), mode: .training(pass)).sum()
    }.gradients
    #expect(gradients.byName.keys.sorted() == ["weight"])
    #expect(module.namedTensors.map(\.name) == ["weight", "mean"])
    #expect(module.parameterCount == 1)
    module.apply(pass.bufferUpdates)
    #expect(module.mean.values == [5])
    #expect(module.weight.values == [2])
  }
}
