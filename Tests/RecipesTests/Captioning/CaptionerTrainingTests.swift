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
import TestSupport
import Testing

@Suite("Training captioners")
struct CaptionerTrainingTests {
  private static let colours = ["red", "green", "blue", "white", "black"]
  private static let things = ["ball", "house", "car", "flower", "dog"]

  /// Vectors that hold a colour and a thing under noise, with two captions each.
  private func write(_ count: Int, seed: UInt64, positions: Int = 1, to name: String) throws
    -> CaptionFiles
  {
    let key = RandomKey(seed: seed)
    var values: [Float] = []
    var lines = ["row,caption"]
    for row in 0..<count {
      let (colour, thing) = (
        Int(key.uniform(at: UInt64(64 * row)) * 5), Int(key.uniform(at: UInt64(64 * row + 1)) * 5)
      )
      for position in 0..<positions {
        // Of a sequence, the first vector holds the colour and the last the thing.
        let (showsColour, showsThing) = (position == 0, position == positions - 1)
        values += (0..<10).map { column in
          let noise = 0.3 * (key.uniform(at: UInt64(64 * row + 2 + 10 * position + column)) - 0.5)
          let isSet = showsColour && column == colour || showsThing && column == 5 + thing
          return Float(noise) + (isSet ? 3 : 1)
        }
      }
      let words = "\(Self.colours[colour]) \(Self.things[thing])"
      lines += ["\(row),A \(words).", "\(row),There is a \(words)."]
    }
    let files = CaptionFiles(vectors: name + ".npy", captions: name + ".csv")
    let shape = positions == 1 ? [count, 10] : [count, positions, 10]
    try AtomicFile.write(Self.npy(values, shape), to: files.vectors)
    try AtomicFile.write(
      Array((lines.joined(separator: "\n") + "\n").utf8), to: files.captions)
    return files
  }

  /// The bytes of a file of numpy.
  private static func npy(_ values: [Float], _ shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    let count = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
      + Array(header.utf8) + values.withUnsafeBytes { Array($0) }
  }

  private func settings(steps: Int) -> CaptionerSettings {
    var settings = CaptionerSettings()
    (settings.layers, settings.dimension, settings.heads) = (1, 32, 4)
    (settings.feedForwardDimension, settings.vocabularySize) = (64, 100)
    (settings.dropout, settings.vectorDropout, settings.labelSmoothing) = (0, 0, 0)
    (settings.averageCount, settings.learningRate, settings.warmUpSteps) = (1, 5e-3, 20)
    (settings.decay, settings.batchTokens, settings.maximumSteps) = (.linear, 400, steps)
    settings.evaluationSteps = steps
    return settings
  }

  private func detail(_ name: String, of report: WriterReport) -> Double {
    report.evaluation.details.first { $0.name == name }?.value ?? .nan
  }

  // A second or two, since that is what learning takes.
  @Test(
    "Captions of vectors and of sequences are learned in seconds, and BLEU says so",
    arguments: [1, 3], [0, 1])
  func learns(positions: Int, mappingLayers: Int) throws {
    let folder = try TemporaryFolder()
    var request = CaptionerTraining.Request(
      data: try write(600, seed: 1, positions: positions, to: folder.path("train")),
      output: folder.path("run"))
    let valid = try write(60, seed: 2, positions: positions, to: folder.path("valid"))
    request.validation = valid
    var settings = settings(steps: 250)
    (settings.score, settings.mappingLayers) = (.cider, mappingLayers)
    let report = try CaptionerTraining.run(request, settings: settings)
    #expect(report.outcome == .completed)
    #expect(detail("bleu_4", of: report) > 95, "\(report.evaluation)")
    let captioner = try VectorToText(contentsOf: folder.path("run"))
    #expect(captioner.configuration.vectors.form == (positions == 1 ? .vector : .sequence))
    #expect((captioner.configuration.vectors.mapping == nil) == (mappingLayers == 0))
    let data = try valid.open()
    let right = try captioner.captions(for: data.vectors).count { caption in
      data.captions[caption.row].contains(caption.text)
    }
    #expect(right > 57, "\(right)")
    let run = try #require(try CaptionerRunData(ofModel: folder.path("run/best")))
    #expect(run.missing.isEmpty)
    #expect(try run.open().captionCount == 1_200)
  }

  @Test("A run that was interrupted and resumed ends in the same bits, averages included")
  func resumes() throws {
    let folder = try TemporaryFolder()
    let data = try write(100, seed: 1, to: folder.path("train"))
    var settings = settings(steps: 24)
    (settings.dropout, settings.averageCount, settings.evaluationSteps) = (0.1, 3, 5)
    settings.vectorDropout = 0.2
    var notes: [String] = []
    func run(_ name: String, stopAfter: Int? = nil, resumed: Bool = false) throws -> String {
      var request = CaptionerTraining.Request(data: data, output: folder.path(name))
      if resumed { request.existing = .resumed }
      var made = 0
      notes = []
      _ = try CaptionerTraining.run(
        request, settings: resumed ? CaptionerSettings() : settings,
        shouldStop: { stopAfter.map { made >= $0 } ?? false },
        observe: { event in
          if case .training(.step) = event { made += 1 }
          if case .note(let text) = event { notes.append(text) }
        })
      return folder.path(name)
    }
    let whole = try run("whole")
    let parts = try run("parts", stopAfter: 13)
    #expect(notes.contains { $0.hasPrefix("tokenizer: ") })
    _ = try run("parts", resumed: true)
    // The pieces of the run are kept: a newer program might learn others.
    #expect(!notes.contains { $0.hasPrefix("tokenizer: ") })
    for model in ["best", "last"] {
      let files = try [whole, parts].map {
        try SHA256.hash(file: FileSystem.join($0, "\(model)/model.safetensors"))
      }
      #expect(files[0] == files[1], "\(model)")
    }
  }

  @Test("A decoder from elsewhere is taken over with its tokenizer, and learns at once")
  func decoderFrom() throws {
    let folder = try TemporaryFolder()
    let data = try write(300, seed: 1, to: folder.path("train"))
    _ = try CaptionerTraining.run(
      CaptionerTraining.Request(data: data, output: folder.path("first")),
      settings: settings(steps: 200))
    let other = try write(300, seed: 3, positions: 2, to: folder.path("other"))
    var settings = settings(steps: 1)
    (settings.layers, settings.dimension, settings.heads) = (nil, nil, nil)
    (settings.feedForwardDimension, settings.vocabularySize) = (nil, nil)
    settings.decoderOrigin = folder.path("first")
    settings.learningRate = 1e-9
    let report = try CaptionerTraining.run(
      CaptionerTraining.Request(data: other, output: folder.path("second")), settings: settings)
    let (first, second) = (
      try OpenCaptioner(contentsOf: folder.path("first")),
      try OpenCaptioner(contentsOf: folder.path("second"))
    )
    #expect(second.configuration.vectors.form == .sequence)
    #expect(second.configuration.decoder == first.configuration.decoder)
    #expect(second.tokenizers.target.modelBytes == first.tokenizers.target.modelBytes)
    // One step of hardly any length changes hardly anything.
    let pairs = zip(
      first.model.decoder.namedTensors.flatMap(\.tensor.values),
      second.model.decoder.namedTensors.flatMap(\.tensor.values))
    #expect(pairs.allSatisfy { abs($0 - $1) < 1e-6 })
    // Guessing among the tokens would cost log(100) a token.
    #expect(detail("loss", of: report) < 3, "\(report.evaluation)")
    settings.dimension = 64
    #expect(throws: SettingError.self) {
      try CaptionerTraining.run(
        CaptionerTraining.Request(data: other, output: folder.path("third")), settings: settings)
    }
    settings.dimension = nil
    settings.decoderOrigin = Golden.path("Models/Classifiers/bert")
    #expect {
      try CaptionerTraining.run(
        CaptionerTraining.Request(data: other, output: folder.path("third")), settings: settings)
    } throws: { "\($0)".contains("found the model of a classifier") }
  }

  @Test("Going on with a captioner starts where it ended, with its scaling of the vectors")
  func goesOn() throws {
    let folder = try TemporaryFolder()
    let data = try write(300, seed: 1, to: folder.path("train"))
    _ = try CaptionerTraining.run(
      CaptionerTraining.Request(data: data, output: folder.path("first")),
      settings: settings(steps: 200))
    let first = try OpenCaptioner(contentsOf: folder.path("first"))
    // Other vectors, of other means.
    let other = try write(40, seed: 3, to: folder.path("other"))
    var settings = CaptionerSettings()
    settings.origin = folder.path("first")
    (settings.maximumSteps, settings.learningRate, settings.vectorDropout) = (1, 1e-9, 0.25)
    let request = CaptionerTraining.Request(data: other, output: folder.path("second"))
    _ = try CaptionerTraining.run(request, settings: settings)
    let second = try OpenCaptioner(contentsOf: folder.path("second"))
    // One step of hardly any length changes hardly anything, and nothing of the scaling.
    let scalings = try [first, second].map { try #require($0.model.encoder.standardization) }
    #expect(scalings[0].mean.values == scalings[1].mean.values)
    #expect(scalings[0].deviation.values == scalings[1].deviation.values)
    let pairs = zip(
      first.model.namedTensors.flatMap(\.tensor.values),
      second.model.namedTensors.flatMap(\.tensor.values))
    #expect(pairs.allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(second.configuration.vectors.dropout == 0.25)
    settings.scaling = .unit
    #expect(throws: SettingError.self) { try CaptionerTraining.run(request, settings: settings) }
    settings.scaling = nil
    let sequences = try write(40, seed: 3, positions: 2, to: folder.path("sequences"))
    #expect {
      try CaptionerTraining.run(
        CaptionerTraining.Request(data: sequences, output: folder.path("third")),
        settings: settings)
    } throws: { "\($0)".contains("one for sequences of vectors of 10 numbers") }
    settings.origin = Golden.path("Models/Classifiers/bert")
    #expect {
      try CaptionerTraining.run(
        CaptionerTraining.Request(data: other, output: folder.path("third")), settings: settings)
    } throws: { "\($0)".contains("expected that of a captioner") }
  }

  @Test("Sizes of the recipe are not told of a model that has its own")
  func sizesOfOrigin() {
    var whole = CaptionerSettings()
    var decoder = whole
    var translator = TranslatorSettings()
    (whole.origin, decoder.decoderOrigin, translator.origin) = ("model", "model", "model")
    let (all, part, other) = (whole.completed(), decoder.completed(), translator.completed())
    #expect([all.dimension, all.layers, part.dimension, other.dimension] == [nil, nil, nil, nil])
    #expect(all.scaling == nil && part.scaling == .centered)
    #expect(all.learningRate != nil && part.learningRate != nil && other.learningRate != nil)
  }

  @Test("What cannot be trained is refused before anything is written")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let data = try write(30, seed: 1, to: folder.path("train"))
    let request = CaptionerTraining.Request(data: data, output: folder.path("run"))
    let changes: [(inout CaptionerSettings) -> Void] = [
      { $0.heads = 5 }, { $0.vectorDropout = 1 }, { $0.positions = 0 }, { $0.batchSize = 4 },
      { $0.vocabularySize = 5 }, { $0.seed = .max },
    ]
    for change in changes {
      var wrong = settings(steps: 10)
      change(&wrong)
      #expect(throws: SettingError.self) {
        try CaptionerTraining.run(request, settings: wrong)
      }
    }
    var other = request
    other.validation = try write(10, seed: 2, positions: 2, to: folder.path("valid"))
    #expect(throws: VectorFormError(file: folder.path("valid.npy"), row: 0, count: 2)) {
      try CaptionerTraining.run(other, settings: settings(steps: 10))
    }
    other = request
    other.data.vectors = "-"
    #expect(throws: SettingError.self) {
      try CaptionerTraining.run(other, settings: settings(steps: 10))
    }
    #expect(!FileSystem.exists(folder.path("run")))
    try FileSystem.createFolder(folder.path("run"))
    #expect(throws: TrainingRunError.outputExists(folder.path("run"))) {
      try CaptionerTraining.run(request, settings: settings(steps: 10))
    }
  }

  @Test("Every recipe can be trained", arguments: CaptionerRecipe.allCases)
  func recipes(recipe: CaptionerRecipe) throws {
    let settings = recipe.settings
    #expect(settings.recipe == recipe && !recipe.summary.isEmpty)
    // What a recipe leaves open would be nobody's choice.
    #expect(settings.layers != nil && settings.epochs != nil && settings.batchTokens != nil)
    var asked = CaptionerSettings()
    asked.recipe = recipe
    (asked.dropout, asked.batchSize) = (0.25, 8)
    let completed = asked.completed()
    #expect(completed.dropout == 0.25 && completed.batchTokens == nil)
  }
}
