// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Checkpointed parts")
struct CheckpointedTests {
  let layer = TransformerEncoderLayer(
    TransformerLayerSettings(modelDimension: 8, headCount: 2, feedForwardDimension: 12),
    key: RandomKey(seed: 3)
  ).converted(to: .float64)
  let layout = SequenceLayout(lengths: [3, 5])

  private struct Part: Module {
    var states: Tensor
    var layer: TransformerEncoderLayer

    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("states", &states)
      visit("layer", &layer)
    }
  }

  private func part() -> Part {
    Part(states: .drawn([8, 8], seed: 5), layer: layer)
  }

  private func gradients(isCheckpointed: Bool) -> (value: Tensor, gradients: Gradients) {
    valueAndGradients(of: part()) { part in
      let pass = TrainingPass(seed: 1, step: 0)
      // What stood before has drawn numbers too.
      _ = pass.nextKey()
      let mode = Mode.training(pass)
      let weights = Tensor.drawn([8, 8], seed: 6)
      let states =
        isCheckpointed
        ? checkpointed(part.layer, part.states, mode: mode) { layer, states, mode in
          layer(states, layout: layout, mode: mode)
        } : part.layer(part.states, layout: layout, mode: mode)
      return (states * weights).sum()
    }
  }

  @Test("Value and gradients are those of the plain call, dropout included")
  func equalsPlain() {
    let (plain, again) = (gradients(isCheckpointed: false), gradients(isCheckpointed: true))
    #expect(plain.value.values == again.value.values)
    #expect(plain.gradients.byName.count == 17 && again.gradients.byName.count == 17)
    for (name, gradient) in plain.gradients.byName {
      let (a, b) = (
        gradient.dense(shape: []).values, again.gradients[name]?.dense(shape: []).values
      )
      #expect(a == b, "\(name)")
    }
  }

  @Test("Without anything tracked nothing is recorded")
  func untracked() {
    let part = part()
    let states = checkpointed(part.layer, part.states, mode: .inference) { layer, states, mode in
      layer(states, layout: layout, mode: mode)
    }
    #expect(!states.isTracked)
  }
}

@Suite("Buffers of copies")
struct SeparateBuffersTests {
  private struct Two: Module {
    var norms: [BatchNorm]

    mutating func visitParameters(_ visit: ParameterVisitor) { visit("norms", &norms) }
  }

  @Test("Copies of one batch norm keep statistics of their own")
  func ownStatistics() {
    var model = Two(norms: Array(repeating: BatchNorm(dimension: 2), count: 2))
    model.separateBuffers()
    let pass = TrainingPass(seed: 1, step: 0)
    let states = Tensor([1, 2, 3, 6], shape: [2, 2])
    _ = model.norms[0](states, mode: .training(pass))
    _ = model.norms[1](states.scaled(by: 10), mode: .training(pass))
    model.apply(pass.bufferUpdates)
    let means = model.norms.map { $0.runningMean.values }
    #expect(means[0] != means[1])
    // Momentum 0.1 from zero towards the means 2 and 4 of the columns.
    #expect(zip(means[0], [0.2, 0.4]).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(zip(means[1], [2, 4]).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }
}
