// SPDX-License-Identifier: Apache-2.0

import AttuneDecoding
import AttuneLayers
import AttuneModels
import AttuneTensors
import Foundation
import Testing

/// Models learn to write short sequences backwards; each takes a few seconds, since that is what learning takes.
@Suite("Learning to reverse")
struct LearningTests {
  private let limits = DecodingLimits(start: 0, end: 1, maximumLength: 8)

  /// Sequences of 1 to 6 of the tokens 2...9.
  private func sequences(_ count: Int, seed: UInt64) -> [[Int32]] {
    let key = RandomKey(seed: seed)
    return (0..<count).map { index in
      let length = 1 + Int(key.uniform(at: UInt64(16 * index)) * 6)
      return (1...length).map { 2 + Int32(key.uniform(at: UInt64(16 * index + $0)) * 8) }
    }
  }

  private func learn<Model: SequenceToSequence>(
    _ model: inout Model, steps: Int, rate: Double
  ) where Model.Source == TokenBatch {
    var adam = SimpleAdam()
    for step in 0..<steps {
      let sources = sequences(32, seed: UInt64(step) + 100)
      let targets = sources.map { [limits.start] + $0.reversed() }
      let classes = sources.flatMap { $0.reversed() + [limits.end] }
      let pass = TrainingPass(seed: 7, step: step)
      let gradients = valueAndGradients(of: model) { model in
        var state = model.begin(TokenBatch(sources), mode: .training(pass))
        let states = model.states(
          for: TokenBatch(targets), state: &state, mode: .training(pass))
        let table = model.outputTable
        return states.projectedCrossEntropy(
          table: table.weight, bias: table.bias, CrossEntropyTargets(classes)
        ).scaled(by: 1 / Double(classes.count))
      }.gradients
      let warmed = min(1, Double(step + 1) / 40) * (1 - Double(step) / Double(steps))
      adam.update(&model, gradients, rate: rate * warmed)
      model.apply(pass.bufferUpdates)
    }
  }

  private func accuracy<Model: SequenceToSequence>(_ model: Model) -> Double
  where Model.Source == TokenBatch {
    let sources = sequences(200, seed: 1)
    let found = BeamSearch(width: 2, limits: limits)(model, TokenBatch(sources))
    let right = zip(sources, found).filter { $0.reversed() == $1[0].tokens }.count
    return Double(right) / Double(sources.count)
  }

  @Test("A translator learns to write sequences backwards", arguments: NormPlacement.allCases)
  func translator(placement: NormPlacement) {
    let settings = TransformerLayerSettings(
      modelDimension: 32, headCount: 4, feedForwardDimension: 64, activation: .relu,
      normPlacement: placement, epsilon: 1e-5, dropout: 0, attentionDropout: 0)
    var model = TransformerTranslator(
      settings, vocabularySize: 10, encoderLayerCount: 1, decoderLayerCount: 1,
      key: RandomKey(seed: 3))
    learn(&model, steps: 1000, rate: 3e-3)
    #expect(accuracy(model) >= 0.99)
  }

  @Test("Pervasive Attention learns to write sequences backwards")
  func pervasiveAttention() {
    var model = PervasiveAttention(
      PervasiveAttentionSettings(
        sourceVocabularySize: 10, targetVocabularySize: 10, embeddingDimension: 16, channels: 24,
        blockCount: 2, window: GridWindow(targetRows: 3, sourceColumns: 5), dropout: 0),
      key: RandomKey(seed: 3))
    learn(&model, steps: 400, rate: 4e-3)
    #expect(accuracy(model) >= 0.99)
  }
}

/// Adam (Kingma and Ba 2015, algorithm 1) on plain arrays.
private struct SimpleAdam {
  private var moments: [String: (first: [Float], second: [Float])] = [:]
  private var step = 0.0

  mutating func update(_ model: inout some Module, _ gradients: Gradients, rate: Double) {
    step += 1
    let corrected = rate * (1 - pow(0.98, step)).squareRoot() / (1 - pow(0.9, step))
    model.updateTensors { name, tensor, _ in
      guard let gradient = gradients[name]?.dense(shape: tensor.shape).values else { return }
      let zeros = [Float](repeating: 0, count: gradient.count)
      var (first, second) = moments.removeValue(forKey: name) ?? (zeros, zeros)
      var values = tensor.values
      for index in gradient.indices {
        first[index] = 0.9 * first[index] + 0.1 * gradient[index]
        second[index] = 0.98 * second[index] + 0.02 * gradient[index] * gradient[index]
        values[index] -= Float(corrected) * first[index] / (second[index].squareRoot() + 1e-9)
      }
      tensor.assign(values)
      moments[name] = (first, second)
    }
  }
}
