// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneData
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTensors
import AttuneTokenizers
import AttuneTraining
import Foundation
import TestSupport
import Testing

@Suite("Training translators")
struct TranslatorTrainingTests {
  /// Letters and the same letters backwards.
  private func write(_ count: Int, seed: UInt64, to path: String) throws {
    let key = RandomKey(seed: seed)
    let lines = (0..<count).map { index in
      let length = 1 + Int(key.uniform(at: UInt64(16 * index)) * 6)
      let letters = (1...length).map { place in
        let drawn = Int(key.uniform(at: UInt64(16 * index + place)) * 8)
        return String(Array("abcdefgh")[drawn])
      }
      return "\(letters.joined(separator: " "))\t\(letters.reversed().joined(separator: " "))\n"
    }
    try AtomicFile.write(Array(lines.joined().utf8), to: path)
  }

  private func settings(steps: Int) -> TranslatorSettings {
    var settings = TranslatorSettings()
    (settings.layers, settings.dimension, settings.heads) = (1, 32, 4)
    (settings.feedForwardDimension, settings.vocabularySize) = (64, 100)
    (settings.dropout, settings.labelSmoothing, settings.averageCount) = (0, 0, 1)
    (settings.learningRate, settings.warmUpSteps, settings.decay) = (5e-3, 40, .linear)
    (settings.batchTokens, settings.maximumSteps) = (400, steps)
    settings.evaluationSteps = steps
    return settings
  }

  // Two seconds or three, since that is what learning takes.
  @Test("Sequences are written backwards after seconds, and BLEU says so")
  func learns() throws {
    let folder = try TemporaryFolder()
    try write(4_000, seed: 1, to: folder.path("train.tsv"))
    try write(200, seed: 2, to: folder.path("valid.tsv"))
    var request = TranslatorTraining.Request(
      data: .table(folder.path("train.tsv")), output: folder.path("run"))
    request.validation = .table(folder.path("valid.tsv"))
    var settings = settings(steps: 1_000)
    settings.score = .bleu
    let report = try TranslatorTraining.run(request, settings: settings)
    #expect(report.outcome == .completed && report.reader.contains("MarianMTModel"))
    let translator = try OpenTranslator(contentsOf: folder.path("run"))
    #expect(translator.layout == .marian)
    // Programs for Marian's models begin with a zero vector.
    let table = translator.model.table.weight
    let start = Int(translator.configuration.tokens.start) * table.columnCount
    #expect(table.values[start..<start + table.columnCount].allSatisfy { $0 == 0 })
    let bleu = report.evaluation.details.first { $0.name == "bleu" }
    #expect((bleu?.value ?? 0) > 99, "\(report.evaluation)")
  }

  @Test("A run that was interrupted and resumed ends in the same bits, averages included")
  func resumes() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("train.tsv"))
    var settings = settings(steps: 24)
    (settings.dropout, settings.averageCount, settings.evaluationSteps) = (0.1, 3, 5)
    func run(_ name: String, stopAfter: Int? = nil, resumed: Bool = false) throws -> String {
      var request = TranslatorTraining.Request(
        data: .table(folder.path("train.tsv")), output: folder.path(name))
      if resumed { request.existing = .resumed }
      var made = 0
      _ = try TranslatorTraining.run(
        request, settings: resumed ? TranslatorSettings() : settings,
        shouldStop: { stopAfter.map { made >= $0 } ?? false },
        observe: { if case .training(.step) = $0 { made += 1 } })
      return folder.path(name)
    }
    let whole = try run("whole")
    let parts = try run("parts", stopAfter: 13)
    _ = try run("parts", resumed: true)
    for model in ["best", "last"] {
      let files = try [whole, parts].map {
        try SHA256.hash(file: FileSystem.join($0, "\(model)/model.safetensors"))
      }
      #expect(files[0] == files[1], "\(model)")
    }
  }

  @Test("Who interrupts a run is not kept waiting for translations")
  func interrupts() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("train.tsv"))
    var request = TranslatorTraining.Request(
      data: .table(folder.path("train.tsv")), output: folder.path("run"))
    var made = 0
    let stopped = try TranslatorTraining.run(
      request, settings: settings(steps: 4), shouldStop: { made >= 2 },
      observe: { if case .training(.step) = $0 { made += 1 } })
    #expect(stopped.outcome == .interrupted && stopped.state.step == 2)
    #expect(stopped.evaluation.details.map(\.name) == ["loss", "perplexity"])
    request.existing = .resumed
    let finished = try TranslatorTraining.run(request)
    #expect(finished.evaluation.details.map(\.name) == ["loss", "perplexity", "bleu"])
  }

  @Test("A full disk costs the steps since the last checkpoint, and no bits")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("train.tsv"))
    var settings = settings(steps: 15)
    (settings.averageCount, settings.evaluationSteps) = (2, 5)
    func run(_ name: String, _ existing: ExistingOutput = .refused) throws {
      var request = TranslatorTraining.Request(
        data: .table(folder.path("train.tsv")), output: folder.path(name))
      request.existing = existing
      _ = try TranslatorTraining.run(request, settings: settings)
    }
    try run("whole")
    let error = #expect(throws: FileError.self) {
      try FileChange.refusing(
        { _, path in path.contains("step-00000010") ? ENOSPC : nil },
        during: { try run("parts") })
    }
    #expect(error?.reason == .noSpace && error?.exitCode == .ioError)
    try run("parts", .resumed)
    for model in ["best", "last"] {
      let files = try ["whole", "parts"].map {
        try SHA256.hash(file: folder.path("\($0)/\(model)/model.safetensors"))
      }
      #expect(files[0] == files[1], "\(model)")
    }
  }

  @Test("A resumed run reads the columns that it began with, though nobody names them again")
  func resumesColumns() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("rows.tsv"))
    let rows = try InputFile.text(of: folder.path("rows.tsv"))
    try folder.write("en\tfr\n" + rows, to: "train.tsv")
    func run(
      _ name: String, from source: String?, to target: String?, stops: Bool = false,
      _ existing: ExistingOutput = .refused
    ) throws -> SHA256.Digest {
      var request = TranslatorTraining.Request(
        data: .table(folder.path("train.tsv"), source: source, target: target),
        output: folder.path(name))
      request.existing = existing
      var made = 0
      _ = try TranslatorTraining.run(
        request, settings: existing == .resumed ? TranslatorSettings() : settings(steps: 4),
        shouldStop: { stops && made >= 2 },
        observe: { if case .training(.step) = $0 { made += 1 } })
      return try SHA256.hash(file: folder.path("\(name)/last/model.safetensors"))
    }
    // Against their order, so that the two only columns are not the right ones.
    let whole = try run("whole", from: "fr", to: "en")
    _ = try run("parts", from: "fr", to: "en", stops: true)
    #expect(try run("parts", from: nil, to: nil, .resumed) == whole)
    #expect(throws: TrainingRunError.self) {
      try run("parts", from: "en", to: "fr", .resumed)
    }
  }

  @Test("Pieces can be merged pairs, which resuming keeps")
  func mergedPairs() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("train.tsv"))
    var settings = settings(steps: 4)
    (settings.tokenizer, settings.evaluationSteps) = (.bpe, 2)
    var request = TranslatorTraining.Request(
      data: .table(folder.path("train.tsv")), output: folder.path("run"))
    _ = try TranslatorTraining.run(request, settings: settings)
    let model = folder.path("run/best")
    let tokenizers = try OpenTranslator(contentsOf: model).tokenizers
    #expect(tokenizers.source.encodeIDs("a b").count == 3)
    request.existing = .resumed
    var again = TranslatorSettings()
    again.tokenizer = .unigram
    #expect(throws: TrainingRunError.self) {
      try TranslatorTraining.run(request, settings: again)
    }
    again.tokenizer = .bpe
    _ = try TranslatorTraining.run(request, settings: again)
    #expect(
      try OpenTranslator(contentsOf: model).tokenizers.vocabulary == tokenizers.vocabulary)
  }

  @Test("Going on with a translator starts where it ended, with its tokenizers")
  func goesOn() throws {
    let folder = try TemporaryFolder()
    try write(300, seed: 1, to: folder.path("train.tsv"))
    func request(_ name: String) -> TranslatorTraining.Request {
      TranslatorTraining.Request(data: .table(folder.path("train.tsv")), output: folder.path(name))
    }
    _ = try TranslatorTraining.run(request("first"), settings: settings(steps: 30))
    let first = try OpenTranslator(contentsOf: folder.path("first"))
    var settings = TranslatorSettings()
    settings.origin = folder.path("first")
    (settings.maximumSteps, settings.learningRate, settings.feedForwardDropout) = (1, 1e-9, 0.25)
    _ = try TranslatorTraining.run(request("second"), settings: settings)
    let second = try OpenTranslator(contentsOf: folder.path("second"))
    // One step of hardly any length changes hardly anything.
    let pairs = zip(
      first.model.namedTensors.flatMap(\.tensor.values),
      second.model.namedTensors.flatMap(\.tensor.values))
    #expect(pairs.allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(second.tokenizers.source.modelBytes == first.tokenizers.source.modelBytes)
    #expect(second.configuration.encoder.feedForwardDropout == 0.25)
    settings.decoderLayers = 2
    #expect(throws: SettingError.self) {
      try TranslatorTraining.run(request("third"), settings: settings)
    }
    settings.decoderLayers = nil
    settings.origin = Golden.path("Models/Classifiers/bert")
    #expect {
      try TranslatorTraining.run(request("third"), settings: settings)
    } throws: { "\($0)".contains("found the model of a classifier") }
  }

  @Test("What cannot be trained is refused before anything is written")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try write(30, seed: 1, to: folder.path("train.tsv"))
    let request = TranslatorTraining.Request(
      data: .table(folder.path("train.tsv")), output: folder.path("run"))
    var wrong = settings(steps: 10)
    wrong.heads = 5
    #expect(throws: SettingError.self) {
      try TranslatorTraining.run(request, settings: wrong)
    }
    // What does not fit is told of the sizes that the recipe has.
    (wrong.recipe, wrong.dimension, wrong.heads) = (.base, nil, 3)
    let error = #expect(throws: SettingError.self) {
      try TranslatorTraining.run(request, settings: wrong)
    }
    #expect(error?.expected == "a number that divides the dimension, 512")
    wrong = settings(steps: 10)
    wrong.dropout = 1
    #expect(throws: SettingError.self) {
      try TranslatorTraining.run(request, settings: wrong)
    }
    #expect(!FileSystem.exists(folder.path("run")))
    try FileSystem.createFolder(folder.path("run"))
    #expect(throws: TrainingRunError.outputExists(folder.path("run"))) {
      try TranslatorTraining.run(request, settings: settings(steps: 10))
    }
  }

  @Test("Every recipe can be trained", arguments: TranslatorRecipe.allCases)
  func recipes(recipe: TranslatorRecipe) throws {
    let settings = recipe.settings
    #expect(settings.recipe == recipe && !recipe.summary.isEmpty)
    // What a recipe leaves open would be nobody's choice.
    #expect(settings.layers != nil && settings.maximumSteps != nil && settings.batchTokens != nil)
    var asked = TranslatorSettings()
    asked.recipe = recipe
    asked.dropout = 0.25
    asked.epochs = 3
    let completed = asked.completed()
    #expect(completed.dropout == 0.25 && completed.epochs == 3 && completed.maximumSteps == nil)
  }
}
