// SPDX-License-Identifier: Apache-2.0

import AttuneTraining
import Testing

@Suite("Growing batches")
struct BatchRampTests {
  @Test("Each number of micro-batches lasts equally long, and the last one to the end")
  func stages() {
    let ramp = BatchRamp(share: 0.6)
    let sizes = (0..<100).map { ramp.microBatches(at: $0, of: 100, most: 4) }
    #expect(
      sizes == [1, 2, 3].flatMap { [Int](repeating: $0, count: 15) }
        + [Int](repeating: 4, count: 55))
    let mean = Double(sizes.reduce(0, +)) / 100
    #expect(abs(mean - ramp.meanMicroBatches(most: 4)) < 1e-12)
  }

  @Test("Without a rise all steps are full")
  func noRise() {
    let ramp = BatchRamp(share: 0)
    #expect((0..<10).allSatisfy { ramp.microBatches(at: $0, of: 10, most: 3) == 3 })
    #expect(ramp.meanMicroBatches(most: 3) == 3)
  }

  @Test("A run takes every window once an epoch, however its steps grow")
  func coversEpochs() throws {
    var trainer = try TinyPretraining.trainer(steps: 60, ramp: BatchRamp(share: 1))
    var tokens: [Int: Int] = [:]
    try trainer.run(
      TrainingHooks(observe: { event in
        if case .step(let report) = event { tokens[report.epoch, default: 0] += report.tokenCount }
      }))
    let objective = trainer.objective
    let all = objective.corpus.windows.reduce(0) { $0 + objective.tokenCount(of: $1) }
    #expect(tokens.count > 5)
    for (epoch, count) in tokens where epoch < trainer.state.epoch { #expect(count == all) }
  }
}
