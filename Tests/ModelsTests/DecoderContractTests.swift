// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneModels
import AttuneTensors
import TestSupport
import Testing

/// A small model of each kind that writes sequences, with enough weight that its parts matter.
enum SmallModels {
  static let vocabularySize = 7

  static func settings(_ placement: NormPlacement) -> TransformerLayerSettings {
    TransformerLayerSettings(
      modelDimension: 8, headCount: 2, feedForwardDimension: 12, activation: .relu,
      normPlacement: placement, epsilon: 1e-5, dropout: 0.1, attentionDropout: 0.1)
  }

  static func translator(_ placement: NormPlacement) -> TransformerTranslator {
    TransformerTranslator(
      settings(placement), vocabularySize: vocabularySize, encoderLayerCount: 1,
      decoderLayerCount: 2, key: RandomKey(seed: 11)
    ).stirred()
  }

  /// How a small captioner reads its vectors.
  enum Reading: String, CaseIterable, Sendable {
    case projected, mapped, sequence, mappedSequence

    var settings: VectorEncoderSettings {
      let mapping = VectorMappingSettings(
        constantCount: 2, layerCount: 1, headCount: 4, feedForwardDimension: 10)
      return switch self {
      case .projected: VectorEncoderSettings(dimension: 5, positionsPerVector: 3, dropout: 0.2)
      case .mapped:
        VectorEncoderSettings(
          dimension: 5, scaling: .unit, positionsPerVector: 2, mapping: mapping)
      case .sequence: VectorEncoderSettings(dimension: 5, form: .sequence, scaling: .none)
      case .mappedSequence:
        VectorEncoderSettings(
          dimension: 5, form: .sequence, positionsPerVector: 2, mapping: mapping)
      }
    }

    /// Items of the given seeds; of sequences, the lengths differ.
    func items(_ seeds: [UInt64], _ precision: Precision) -> PackedStates {
      let lengths = seeds.map { settings.form == .vector ? 1 : 1 + Int($0) }
      return PackedStates(
        states: Tensor.concatenatingRows(
          zip(seeds, lengths).map { .drawn([$1, 5], seed: $0) }
        ).converted(to: precision), layout: SequenceLayout(lengths: lengths))
    }
  }

  static func captioner(_ reading: Reading, _ placement: NormPlacement) -> VectorCaptioner {
    VectorCaptioner(
      CaptionerConfiguration(
        vectors: reading.settings, vocabularySize: vocabularySize, decoderLayerCount: 2,
        decoder: settings(placement),
        tokens: TranslatorTokens(start: 0, end: 1, padding: 0)), key: RandomKey(seed: 12)
    ).stirred()
  }

  static func pervasiveAttention(blockCount: Int) -> PervasiveAttention {
    PervasiveAttention(
      PervasiveAttentionSettings(
        sourceVocabularySize: 5, targetVocabularySize: vocabularySize, embeddingDimension: 4,
        channels: 6, blockCount: blockCount, window: GridWindow(targetRows: 3, sourceColumns: 3)),
      key: RandomKey(seed: 13)
    ).stirred()
  }

  static let sources: [[Int32]] = [[1, 2, 3], [4], [0, 4, 2, 2, 1]]
  static let targets: [[Int32]] = [
    [0, 3, 4, 5], [0, 6, 2], (0..<40).map { ($0 * $0) % Int32(vocabularySize) },
  ]
}

extension Module {
  /// Returns the module with random numbers added to every tensor, so that no part is idle; buffers stay positive.
  fileprivate func stirred() -> Self {
    var copy = self
    var place: UInt64 = 0
    copy.updateTensors { _, tensor, role in
      place += 1
      let drawn = Tensor.drawn(tensor.shape, seed: place, scale: 0.4).converted(to: .float32)
      tensor = role == .buffer ? (tensor + drawn * drawn) : tensor + drawn
    }
    return copy
  }
}

@Suite("Everything that writes a sequence")
struct DecoderContractTests {
  @Test("A translator keeps the contract of decoders", arguments: NormPlacement.allCases)
  func translator(placement: NormPlacement) throws {
    try DecoderContract(
      SmallModels.translator(placement), items: SmallModels.sources,
      targets: SmallModels.targets, vocabularySize: SmallModels.vocabularySize
    ) { sources, _ in TokenBatch(sources) }.check()
  }

  @Test(
    "A captioner keeps the contract of decoders", arguments: SmallModels.Reading.allCases,
    NormPlacement.allCases)
  func captioner(reading: SmallModels.Reading, placement: NormPlacement) throws {
    try DecoderContract(
      SmallModels.captioner(reading, placement), items: [1, 2, 3], targets: SmallModels.targets,
      vocabularySize: SmallModels.vocabularySize, source: reading.items
    ).check()
  }

  @Test("Pervasive Attention keeps the contract of decoders", arguments: [1, 2])
  func pervasiveAttention(blockCount: Int) throws {
    try DecoderContract(
      SmallModels.pervasiveAttention(blockCount: blockCount), items: SmallModels.sources,
      targets: SmallModels.targets, vocabularySize: SmallModels.vocabularySize
    ) { sources, _ in TokenBatch(sources) }.check()
  }

  /// Whole targets and the loss of their next tokens.
  private func loss<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source, _ mode: Mode
  ) -> Tensor {
    let targets: [[Int32]] = [[0, 3, 4], [0, 6], [0, 2, 5, 1]]
    var state = model.begin(source, mode: mode)
    let states = model.states(for: TokenBatch(targets), state: &state, mode: mode)
    let table = model.outputTable
    return states.projectedCrossEntropy(
      table: table.weight, bias: table.bias,
      CrossEntropyTargets(targets.flatMap { $0.dropFirst() + [1] }))
  }

  private func checkModule<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source
  ) throws {
    try ModuleContract.checkListing(of: model)
    try expectGradients(of: model) { loss($0, source, .inference) }
    try expectGradients(of: model) {
      loss($0, source, .training(TrainingPass(seed: 2, step: 1)))
    }
  }

  @Test(
    "The loss of a translator has the derivatives that differences show",
    arguments: NormPlacement.allCases)
  func translatorDerivatives(placement: NormPlacement) throws {
    try checkModule(SmallModels.translator(placement), TokenBatch(SmallModels.sources))
  }

  @Test(
    "The loss of a captioner has the derivatives that differences show",
    arguments: SmallModels.Reading.allCases)
  func captionerDerivatives(reading: SmallModels.Reading) throws {
    try checkModule(
      SmallModels.captioner(reading, reading == .mapped ? .pre : .post),
      reading.items([4, 5, 6], .float64))
  }

  @Test("The loss of Pervasive Attention has the derivatives that differences show")
  func pervasiveAttentionDerivatives() throws {
    try checkModule(
      SmallModels.pervasiveAttention(blockCount: 2), TokenBatch(SmallModels.sources))
  }
}
