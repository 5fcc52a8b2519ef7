// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneData
import AttuneDecoding
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import AttuneTokenizers
import TestSupport
import Testing

@testable import AttunePipelines

/// A captioner of random numbers in a folder.
struct RandomCaptioner {
  let folder: TemporaryFolder
  let configuration: CaptionerConfiguration

  var path: String { folder.path("captioner") }

  init(_ form: VectorForm = .vector, dimension: Int = 6) throws {
    folder = try TemporaryFolder()
    let texts = try TranslatorGolden("gelu").document.strings(at: "training")
    let tokenizers = try TranslationTokenizers(
      jointModel: SentencePieceTrainer(.unigram, pieceCount: 120).train(on: texts))
    let layer = TransformerLayerSettings(
      modelDimension: 16, headCount: 2, feedForwardDimension: 20, activation: .relu,
      epsilon: TranslatorConfiguration.marianEpsilon)
    let target = tokenizers.target
    configuration = CaptionerConfiguration(
      vectors: VectorEncoderSettings(dimension: dimension, form: form),
      vocabularySize: tokenizers.vocabulary.count, decoderLayerCount: 2, decoder: layer,
      tokens: TranslatorTokens(start: target.padID, end: target.endID, padding: target.padID),
      maximumLength: 12)
    var model = VectorCaptioner(configuration, key: RandomKey(seed: 8))
    // So small that a token is not simply followed by itself.
    model.table.weight = model.table.weight.scaled(by: 0.2)
    try ModelFolder.create(path) {
      try OpenCaptioner.write(model, configuration, tokenizers, attune: nil, with: $0)
    }
  }

  static func vectors(_ count: Int, dimension: Int = 6) throws -> FeatureVectors {
    let values = Tensor.drawn([count, dimension], seed: 3, scale: 2).doubles.map { Float($0) }
    return try FeatureVectors(values, dimension: dimension)
  }
}

@Suite("Vectors to texts")
struct VectorToTextTests {
  private func options(_ change: (inout VectorToText.Options) -> Void) -> VectorToText.Options {
    var options = VectorToText.Options()
    change(&options)
    return options
  }

  @Test("The captions of a vector do not depend on the vectors beside it")
  func independence() throws {
    let captioner = try RandomCaptioner()
    let writer = try VectorToText(contentsOf: captioner.path)
    let vectors = try RandomCaptioner.vectors(9)
    let settings = [
      options { $0.beamSize = 1 }, options { $0.hypothesisCount = 3 },
      options { $0.sampling = TokenSampling() },
    ]
    for setting in settings {
      let together = try writer.captions(for: vectors, setting)
      #expect(together.map(\.row) == Array(0..<9))
      #expect(Set(together.map(\.text)).count > 3, "the test is idle")
      var small = setting
      small.batchSize = 2
      for found in [
        try writer.captions(for: vectors, small),
        try (0..<9).flatMap { try writer.captions(for: vectors, rows: [$0], setting) },
      ] {
        #expect(found.map(\.hypotheses) == together.map(\.hypotheses))
      }
    }
  }

  @Test("Wide beams work on fewer vectors together")
  func sourcesAtOnce() {
    let asked = options { $0.batchSize = .max }
    #expect([1, 32, 1 << 10, 1 << 12].map { asked.sourcesAtOnce(width: $0) } == [2048, 64, 2, 1])
    #expect(options { $0.batchSize = 0 }.sourcesAtOnce(width: 5) == 1)
    #expect(VectorToText.Options().sourcesAtOnce(width: 5) == 64)
  }

  @Test("Options of the search are heard")
  func searchOptions() throws {
    let captioner = try RandomCaptioner()
    let writer = try VectorToText(contentsOf: captioner.path)
    let vectors = try RandomCaptioner.vectors(4)
    let best = try writer.captions(for: vectors, options { $0.hypothesisCount = 4 })
    for caption in best {
      #expect(caption.hypotheses.count == 4)
      let scores = caption.hypotheses.map(\.score)
      #expect(scores == scores.sorted(by: >))
    }
    let prefixed = try writer.captions(for: vectors, options { $0.targetPrefix = "The dog" })
    #expect(prefixed.allSatisfy { $0.text.hasPrefix("The dog") })
    let short = try writer.captions(for: vectors, options { $0.maximumLength = 3 })
    #expect(short.allSatisfy { $0.hypotheses[0].tokenCount <= 3 })
    let observed = try writer.captions(
      for: vectors,
      options {
        $0.returnsAlignment = true
        $0.beamSize = 1
      })
    for caption in observed {
      let alignment = try #require(caption.hypotheses[0].alignment)
      #expect(alignment.sourceTokens == ["0", "1", "2", "3"])
      #expect(alignment.weights.count == alignment.targetTokens.count)
      #expect(alignment.weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-5 })
    }
  }

  @Test("What is drawn for a vector depends on its row and the seed")
  func draws() throws {
    let captioner = try RandomCaptioner()
    let writer = try VectorToText(contentsOf: captioner.path)
    let vector = try RandomCaptioner.vectors(1).values(of: 0)
    let same = try FeatureVectors(vector + vector, dimension: 6)
    func drawn(_ seed: UInt64) throws -> [String] {
      try writer.captions(
        for: same,
        options {
          $0.sampling = TokenSampling(temperature: 2)
          $0.seed = seed
        }
      ).map(\.text)
    }
    let first = try drawn(1)
    #expect(try first == drawn(1))
    #expect(try first != drawn(2))
    #expect(first[0] != first[1])
  }

  @Test("Sequences of any length have captions where the model reads sequences")
  func sequences() throws {
    let captioner = try RandomCaptioner(.sequence)
    let writer = try VectorToText(contentsOf: captioner.path)
    let values = Tensor.drawn([6, 6], seed: 4).doubles.map { Float($0) }
    let items = try FeatureVectors(values, dimension: 6, positionCounts: [3, 1, 2])
    let found = try writer.captions(for: items)
    #expect(found.count == 3)
    let alone = try FeatureVectors(Array(values[24...]), dimension: 6, positionCounts: [2])
    #expect(try writer.captions(for: alone)[0].text == found[2].text)
  }

  @Test("Vectors that the model cannot read are refused with what it reads")
  func refusals() throws {
    let captioner = try RandomCaptioner()
    let writer = try VectorToText(contentsOf: captioner.path)
    #expect(
      throws: FeatureVectorsError(file: "memory", .dimension(expected: 6, found: 5))
    ) { _ = try writer.caption(for: [1, 2, 3, 4, 5]) }
    #expect(throws: FeatureVectorsError.self) {
      _ = try writer.caption(for: [1, 2, .nan, 4, 5, 6])
    }
    let several = try FeatureVectors(
      [Float](repeating: 1, count: 18), dimension: 6, positionCounts: [1, 2])
    #expect(throws: VectorFormError(file: "memory", row: 1, count: 2)) {
      _ = try writer.captions(for: several)
    }
    let maps = try FeatureVectors(
      [Float](repeating: 1, count: 24), dimension: 6, positionCounts: [2, 2])
    #expect(throws: VectorFormError(file: "memory", row: 0, count: 2)) {
      _ = try writer.captions(for: maps)
    }
  }

  @Test("A folder of another kind is refused with the command that uses it")
  func otherKinds() throws {
    let captioner = try RandomCaptioner()
    let translator = try TranslatorGolden("gelu").path
    let classifier = Golden.path("Models/Classifiers/bert")
    let attempts: [(command: String, () throws -> Void)] = [
      ("attune caption", { _ = try Translation(contentsOf: captioner.path) }),
      ("attune caption", { _ = try TextClassification(contentsOf: captioner.path) }),
      ("attune translate", { _ = try VectorToText(contentsOf: translator) }),
      ("attune classify", { _ = try VectorToText(contentsOf: classifier) }),
    ]
    for (command, attempt) in attempts {
      #expect { try attempt() } throws: { "\($0)".contains("'\(command)' uses it") }
    }
    #expect { _ = try TextEmbedding(contentsOf: captioner.path) } throws: {
      "\($0)".contains("'attune-captioner' writes text")
    }
  }

  @Test("A vocabulary that is not the model's is refused")
  func otherVocabulary() throws {
    let captioner = try RandomCaptioner()
    let file = FileSystem.join(captioner.path, "vocab.json")
    let text = String(decoding: try InputFile.bytes(of: file), as: UTF8.self)
    let swapped = text.replacing("\"</s>\": 0", with: "\"</s>\": 1")
      .replacing("\"<unk>\": 1", with: "\"<unk>\": 0")
    try #require(swapped != text)
    try AtomicFile.write(Array(swapped.utf8), to: file, existing: .replace)
    #expect { _ = try VectorToText(contentsOf: captioner.path) } throws: {
      "\($0)".contains("the end is token 0")
    }
  }
}
