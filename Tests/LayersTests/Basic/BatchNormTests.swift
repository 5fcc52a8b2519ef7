// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

private struct Batch: Module {
  var states: Tensor

  mutating func visitParameters(_ visit: ParameterVisitor) { visit("states", &states) }
}

private struct ThreeBatches: Module {
  var batches: [Batch]
  var norm: BatchNorm

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("batches", &batches)
    visit("norm", &norm)
  }
}

@Suite("Batch norm")
struct BatchNormTests {
  @Test("Three steps of training and the inference after them agree with PyTorch")
  func agreesWithPyTorch() throws {
    let golden = try GoldenCase("batchNorm", in: "Models/modules.json")
    let batches = [4, 7, 5].map { Batch(states: .zeros([$0, 3])) }
    let module = ThreeBatches(batches: batches, norm: BatchNorm(dimension: 3))
    try golden.expectAgreement(of: module) { module in
      var norm = module.norm
      var results: [Tensor] = []
      for (step, batch) in module.batches.enumerated() {
        let pass = TrainingPass(seed: 1, step: step)
        results.append(norm(batch.states, mode: .training(pass)))
        norm.apply(pass.bufferUpdates)
      }
      results.append(norm.runningMean.reshaped([1, 3]))
      results.append(norm.runningVariance.reshaped([1, 3]))
      results.append(norm(module.batches[0].states, mode: .inference))
      return .concatenatingRows(results)
    }
  }

  @Test("A norm that is used twice in a pass moves its statistics twice")
  func movesTwice() {
    var norm = BatchNorm(dimension: 1, momentum: 0.5)
    let pass = TrainingPass(seed: 1, step: 0)
    for first in [Float(2), 6] {
      _ = norm(Tensor([first, first + 2], shape: [2, 1]), mode: .training(pass))
    }
    norm.apply(pass.bufferUpdates)
    // Means 3 and 7: (0 + 3) / 2 = 1.5, (1.5 + 7) / 2 = 4.25. Unbiased variances 2 and 2: 1.5, 1.75.
    #expect(norm.runningMean.values == [4.25])
    #expect(norm.runningVariance.values == [1.75])
  }

  @Test("Statistics do not move in inference, and are never trained")
  func statisticsAreBuffers() {
    let norm = BatchNorm(dimension: 2)
    var roles: [String: TensorRole] = [:]
    norm.forEachTensor { name, _, role in roles[name] = role }
    #expect(
      roles == [
        "weight": .parameter, "bias": .parameter, "runningMean": .buffer,
        "runningVariance": .buffer,
      ])
    let result = norm(Tensor([1, 2], shape: [1, 2]), mode: .inference).values
    #expect(zip(result, [1, 2]).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("Batch norm has the names of its properties")
  func namesProperties() throws {
    try ModuleContract.checkListing(of: BatchNorm(dimension: 2))
  }
}
