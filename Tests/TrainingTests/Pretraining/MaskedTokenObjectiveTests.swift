// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Masked-token pretraining")
struct MaskedTokenObjectiveTests {
  @Test("Loss and gradients of both heads are PyTorch's")
  func golden() throws {
    func model(_ name: String) throws -> MaskedLanguageModel {
      try MaskedTokenFolder(
        ModelFolder(Golden.path("Training/MaskedTokens/\(name)")), readsNextSentence: true
      ).model
    }
    let golden = try InputFile.json(of: Golden.path("Training/MaskedTokens/loss.json"))
    func ids(_ name: String) throws -> [Int32] {
      try golden.integers(at: name).map { Int32($0) }
    }
    func lists(_ name: String) throws -> [[Int]] {
      try golden.fields(at: name).map { try $0.integers() }
    }
    let texts = try lists("texts")
    let batch = MaskedTokenBatch(
      tokens: TokenBatch(
        ids: texts.joined().map { Int32($0) },
        segments: try lists("segments").joined().map { UInt8($0) },
        layout: SequenceLayout(lengths: texts.map(\.count))),
      rows: try ids("rows"), targets: try ids("targets"), continuations: try ids("continuations"))
    let objective = TinyPretraining.objective()
    var weight = 0.0
    let found = valueAndGradients(of: try model("model").converted(to: .float64)) { model in
      let loss = objective.loss(of: model, on: batch, mode: .inference)
      weight = loss.weight
      return loss.sum
    }
    #expect(weight == 5)
    let expected = try golden.double(at: "loss")
    #expect(abs(found.value.doubles[0] / weight - expected) < 1e-12 * expected)
    var compared = 0
    let gradients = try model("gradients").namedTensors
    for (name, tensor) in gradients {
      let own = found.gradients[name]?.dense(shape: tensor.shape).doubles.map { $0 / weight }
      let error = zip(own ?? [], tensor.doubles).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(own != nil && error < 1e-6, "\(name): \(error)")
      compared += 1
    }
    #expect(compared == 2 * 16 + 5 + 5 + 4)
  }

  @Test(
    "Products with the output table are rounded as the pass says",
    arguments: [(ProductPrecision.bfloat16, 0x1p-6), (.int16, 0x1p-9)])
  func roundsOutputs(products: ProductPrecision, bound: Double) {
    let objective = TinyPretraining.objective()
    // Its linear maps multiply in Float32.
    let model = MaskedLanguageModel(TinyPretraining.configuration, key: RandomKey(seed: 2))
    let table = model.outputTable.weight
    func gradient(_ products: ProductPrecision) -> [Double] {
      let pass = TrainingPass(seed: 1, step: 1, products: products)
      let found = valueAndGradients(of: model) { model in
        objective.loss(of: model, on: objective.corpus.windows, mode: .training(pass)).sum
      }
      return found.gradients["encoder.embeddings.token.weight"]?.dense(shape: table.shape).doubles
        ?? []
    }
    let distance = relativeDistance(gradient(products), gradient(.float32))
    #expect(distance > bound / 100 && distance < bound)
  }

  @Test("A small model learns what frequencies do not tell")
  func learns() throws {
    // Each document repeats one token.
    var trainer = try TinyPretraining.trainer(steps: 300, packing: .documents, stepCount: 1)
    try trainer.run()
    let objective = TinyPretraining.objective(
      documents: 40, seed: 77, packing: .documents, stepCount: 1)
    let found = MaskedTokenEvaluation(
      trainer.model, objective, on: objective.corpus.windows,
      trainingCounts: trainer.objective.corpus.corpus.counts)
    // 24 tokens are about equally frequent.
    #expect(abs(found.frequencyLoss - 3.18) < 0.2)
    #expect(found.loss < 1 && found.accuracy > 0.8 && found.beatsFrequency, "\(found)")
  }

  @Test(
    "A run that is interrupted and resumed ends in the same bits, with growing batches, too",
    arguments: [nil, BatchRamp(share: 0.6)])
  func resumes(ramp: BatchRamp?) throws {
    var whole = try TinyPretraining.trainer(steps: 40, ramp: ramp)
    try whole.run()
    // Interrupted often, and across the border of an epoch.
    var parts = try TinyPretraining.trainer(steps: 40, ramp: ramp)
    for stop in [3, 11, 12, 30, 40] {
      var resumed = try TinyPretraining.trainer(steps: 40, ramp: ramp)
      try resumed.resume(from: parts.snapshot)
      var made = resumed.state.step
      try resumed.run(
        TrainingHooks(
          shouldStop: { made == stop },
          observe: { event in if case .step(let report) = event { made = report.step } }))
      parts = resumed
    }
    #expect(parts.state.epoch > 1 && parts.state.step == 40)
    #expect(parts.snapshot.digest == whole.snapshot.digest)
    #expect(parts.state == whole.state)
  }

  @Test("Any number of threads gives the same bits")
  func isDeterministicAcrossThreads() throws {
    let digests = try ThreadSweep.results {
      var trainer = try TinyPretraining.trainer(steps: 3)
      try trainer.run()
      return trainer.snapshot.digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test("What is hidden changes from step to step, and never when a model is judged")
  func dynamicMasking() {
    let objective = TinyPretraining.objective()
    let windows = Array(objective.corpus.windows.prefix(8))
    func batch(_ step: Int, _ windows: [CorpusWindow]) -> MaskedTokenBatch {
      objective.batch(windows, mode: .training(TrainingPass(seed: 1, step: step)))
    }
    #expect(batch(1, windows) == batch(1, windows))
    #expect(batch(1, windows) != batch(2, windows))
    let together = objective.batch(windows, mode: .inference)
    let apart = windows.map { objective.batch([$0], mode: .inference) }
    #expect(together.tokens.ids == apart.flatMap(\.tokens.ids))
    #expect(together.targets == apart.flatMap(\.targets))
  }

  @Test("Half of the pairs go on in their document, the other half in another one")
  func sentencePairs() {
    let objective = TinyPretraining.objective(packing: .documents, sentenceEnds: [5])
    let corpus = objective.corpus.corpus
    var (continued, count) = (0, 0)
    var others: Set<[Int32]> = []
    for step in 0..<10 {
      let windows = objective.corpus.windows
      let batch = objective.batch(
        windows, mode: .training(TrainingPass(seed: 8, step: step)))
      var original = batch.tokens.ids
      for (row, target) in zip(batch.rows, batch.targets) { original[Int(row)] = target }
      for (row, window) in windows.enumerated() {
        let rows = batch.tokens.layout.rows(of: row)
        let ids = Array(original[rows])
        let border = ids.firstIndex(of: 3) ?? 0
        let (first, second) = (Array(ids[1..<border]), Array(ids[(border + 1)..<(ids.count - 1)]))
        let document = corpus[window.range]
        #expect(ids.count <= 18 && ids[0] == 2 && ids.last == 3)
        #expect(first == Array(document.prefix(first.count)) && !first.isEmpty)
        let follows = batch.continuations?[row] == 0
        if follows {
          #expect(first + second == Array(document.prefix(first.count + second.count)))
        } else {
          others.insert(second)
        }
        #expect(
          batch.tokens.segments.map { Array($0[rows]) }
            == [UInt8](repeating: 0, count: border + 1)
            + [UInt8](repeating: 1, count: ids.count - border - 1))
        continued += follows ? 1 : 0
        count += 1
      }
    }
    #expect(count == 2_000 && abs(continued - 1_000) < 90)
    #expect(others.count > 200, "second texts are drawn from all documents")
  }

  @Test("Texts are cut into pairs behind the ends of sentences")
  func sentenceBorders() {
    var corpus = TokenCorpus(vocabularySize: 30)
    for _ in 0..<20 { corpus.append([10, 11, 12, 5, 13, 14, 5, 15, 16, 5]) }
    let objective = TinyPretraining.Objective(
      PackedCorpus(
        corpus, packing: .documents, windowLength: 16, classificationID: 2, separatorID: 3),
      TokenMasking(
        .init(), maskID: 4, isSpecial: (0..<30).map { $0 < 5 },
        continuesWord: [Bool](repeating: false, count: 30)), sentenceEnds: [5])
    let batch = objective.batch(
      objective.corpus.windows, mode: .training(TrainingPass(seed: 1, step: 1)))
    var original = batch.tokens.ids
    for (row, target) in zip(batch.rows, batch.targets) { original[Int(row)] = target }
    var lengths: Set<Int> = []
    for row in 0..<batch.tokens.layout.count {
      let ids = Array(original[batch.tokens.layout.rows(of: row)])
      let border = ids.firstIndex(of: 3) ?? 0
      lengths.insert(border - 1)
      #expect(ids[border - 1] == 5 && [13, 15].contains(ids[border + 1]))
    }
    #expect(lengths == [4, 7])
  }
}
