// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Testing

@Suite("Texts of several windows")
struct WindowedExampleTests {
  let model = TinyTask.model()

  /// Two texts of three windows and one of one.
  private var examples: [ClassificationExample] {
    let windows = TinyTask.examples(7, seed: 5).map {
      TokenWindow(ids: Array($0.windows[0].ids.prefix(3)))
    }
    return [
      ClassificationExample(windows: Array(windows[0..<3]), label: 0),
      ClassificationExample(windows: [windows[3]], label: 1),
      ClassificationExample(windows: Array(windows[4..<7]), label: 1),
    ]
  }

  private func scores(_ window: TokenWindow) -> [Float] {
    model.logits(TokenBatch([window]), mode: .inference).values
  }

  @Test("The scores of a text are the mean over its windows, whatever the batches")
  func pools() {
    let expected = examples.flatMap { example in
      (0..<2).map { column in
        example.windows.reduce(0) { $0 + scores($1)[column] } / Float(example.windows.count)
      }
    }
    for budget in [1, 4, 7, 8_192] {
      let found = model.logits(pooledOver: examples, tokenBudget: budget)
      #expect(found.shape == [3, 2])
      #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(budget)")
    }
    #expect(model.logits(pooledOver: []).shape[0] == 0)
  }

  @Test("A pass of training looks at one window, the same one when it is repeated, each as often")
  func draws() {
    let objective = TinyTask.Objective()
    let example = examples[2]
    let losses = example.windows.map { window in
      objective.loss(
        of: model, on: [ClassificationExample(windows: [window], label: example.label)],
        mode: .inference
      ).sum.scalar
    }
    var counts = [0, 0, 0]
    for step in 0..<300 {
      func loss() -> Float {
        let pass = TrainingPass(seed: 3, step: step)
        return objective.loss(of: model, on: [example], mode: .training(pass)).sum.scalar
      }
      let found = loss()
      #expect(found == loss())
      if let window = losses.indices.first(where: { abs(losses[$0] - found) < 1e-6 }) {
        counts[window] += 1
      }
    }
    // Four deviations of a binomial law of 300 and a third.
    #expect(counts.reduce(0, +) == 300 && counts.allSatisfy { abs($0 - 100) < 33 }, "\(counts)")
  }

  @Test("Texts of one window draw nothing, so other random numbers stay as they were")
  func leavesOtherKeys() {
    let pass = TrainingPass(seed: 1, step: 1)
    _ = TinyTask.Objective().loss(of: model, on: [examples[1]], mode: .training(pass))
    #expect(pass.nextKey() == TrainingPass(seed: 1, step: 1).nextKey())
  }
}
