// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneModels
import AttuneTensors
import TestSupport
import Testing

@Suite("Pervasive Attention")
struct PervasiveAttentionTests {
  /// One channel, a window of two target rows and three source columns, and norms that change nothing.
  private var small: PervasiveAttention {
    var model = PervasiveAttention(
      PervasiveAttentionSettings(
        sourceVocabularySize: 3, targetVocabularySize: 2, embeddingDimension: 1, channels: 1,
        blockCount: 1, window: GridWindow(targetRows: 2, sourceColumns: 3)),
      key: RandomKey(seed: 1)
    ).converted(to: .float64)
    let values: [String: [Double]] = [
      "sourceTable.weight": [1, 2, -4], "targetTable.weight": [1, -3], "sourceInput.weight": [2],
      "targetInput.weight": [1], "targetInput.bias": [0.5],
      "blocks.0.convolution.map.weight": [0.1, 0.2, 0.3, 1, -2, 3],
      "blocks.0.convolution.map.bias": [0.25], "output.weight": [2], "output.bias": [-1],
      "outputBias": [0, 10],
    ]
    model.updateTensors { name, tensor, _ in
      if let numbers = values[name] { tensor = Tensor(doubles: numbers, shape: tensor.shape) }
      if name.hasSuffix("runningVariance") {
        tensor = Tensor(doubles: [1 - Double(Float(1e-5))], shape: [1])
      }
    }
    return model
  }

  /// Cells of target token 0: 1 + 0.5 + 2 x (1, 2, -4) = (3.5, 5.5, -6.5), active (3.5, 5.5, 0).
  /// Convolved: 0.25 + (-2 x 3.5 + 3 x 5.5, 3.5 - 2 x 5.5, 5.5) = (9.75, -7.25, 5.75).
  /// Summed: (13.25, -1.75, -0.75); the largest active one is 13.25; the output is 2 x 13.25 - 1 = 25.5.
  @Test("One target token over three source tokens, by hand")
  func threeCells() {
    let model = small
    var state = model.begin(TokenBatch([[0, 1, 2]]), mode: .inference)
    let states = model.states(for: TokenBatch([[0]]), state: &state, mode: .inference)
    #expect(relativeDistance(states.doubles, [25.5]) < 1e-14)
    #expect(relativeDistance(model.logits(of: states).doubles, [25.5, -66.5]) < 1e-14)
  }

  /// Cells of target token 1: -3 + 0.5 + 2 x (1, 2, -4) = (-0.5, 1.5, -10.5), active (0, 1.5, 0), below (3.5, 5.5, 0).
  /// Convolved, own row: (4.5, -3, 1.5); row before: (0.2 x 3.5 + 0.3 x 5.5, 0.1 x 3.5 + 0.2 x 5.5, 0.1 x 5.5) =
  /// (2.35, 1.45, 0.55); bias 0.25: (7.1, -1.3, 2.3). Summed: (6.6, 0.2, -8.2); the output is 2 x 6.6 - 1 = 12.2.
  @Test("The next target token sees the row before, by hand")
  func nextRow() {
    let model = small
    var state = model.begin(TokenBatch([[0, 1, 2]]), mode: .inference)
    let whole = model.states(for: TokenBatch([[0, 1]]), state: &state, mode: .inference)
    #expect(relativeDistance(whole.doubles, [25.5, 12.2]) < 1e-14)
  }

  @Test("Training moves the running statistics of every norm")
  func movesStatistics() {
    var model = small
    let pass = TrainingPass(seed: 1, step: 0)
    var state = model.begin(TokenBatch([[0, 1, 2]]), mode: .training(pass))
    _ = model.states(for: TokenBatch([[0, 1]]), state: &state, mode: .training(pass))
    let before = model
    model.apply(pass.bufferUpdates)
    for (old, new) in zip(before.namedTensors, model.namedTensors) {
      #expect((old.tensor.doubles != new.tensor.doubles) == old.name.contains("running"))
    }
  }
}
