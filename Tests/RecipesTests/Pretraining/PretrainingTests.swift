// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
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

@Suite("Pretraining")
struct PretrainingTests {
  /// Texts of one word each, so that a hidden word follows from its neighbours.
  static func texts(_ count: Int, seed: UInt64) -> [String] {
    let words = [
      "ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kiwi", "lynx",
    ]
    let key = RandomKey(seed: seed)
    return (0..<count).map { index in
      let word = words[Int(key.word(at: UInt64(index)) % 12)]
      return [String](repeating: word, count: 10).joined(separator: " ") + " ."
    }
  }

  func write(_ lines: [String], to path: String) throws {
    try AtomicFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
  }

  func settings(steps: Int?) -> PretrainingSettings {
    var settings = PretrainingSettings()
    (settings.layers, settings.dimension, settings.heads) = (1, 32, 2)
    (settings.vocabularySize, settings.windowLength) = (80, 24)
    (settings.batchTokens, settings.accumulation, settings.evaluations) = (192, 3, 4)
    (settings.learningRate, settings.maximumSteps) = (5e-3, steps)
    (settings.validationFraction, settings.packing) = (0.1, .documents)
    return settings
  }

  /// Runs and stops after so many steps; returns the run's folder and what was said.
  @discardableResult
  func run(
    _ name: String, in folder: TemporaryFolder, _ settings: PretrainingSettings,
    corpus: String = "corpus.txt", stopAfter: Int? = nil, resumed: Bool = false
  ) throws -> (report: PretrainingReport, notes: [String]) {
    var request = Pretraining.Request(
      corpus: [folder.path(corpus)], output: folder.path(name))
    if resumed { request.existing = .resumed }
    var (made, notes) = (0, [String]())
    let report = try Pretraining.run(
      request, settings: settings, shouldStop: { stopAfter.map { made >= $0 } ?? false },
      observe: { event in
        switch event {
        case .training(.step): made += 1
        case .note(let text): notes.append(text)
        default: break
        }
      })
    return (report, notes)
  }

  // A second or so, since that is what learning takes.
  @Test("A small corpus is learned, and the model is one that other parts open")
  func learns() throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(400, seed: 1), to: folder.path("corpus.txt"))
    let (report, notes) = try run("run", in: folder, settings(steps: 200))
    #expect(report.outcome == .completed && report.reader.contains("BertForMaskedLM"))
    #expect(report.evaluation.beatsFrequency && report.evaluation.accuracy > 0.9)
    #expect(notes.contains { $0.contains("has beaten guessing by frequency") })
    let best = try ModelFolder(folder.path("run/best"))
    let model = try MaskedTokenFolder(best)
    #expect(model.model.head.output == nil, "the output layer is the token table")
    #expect(model.configuration.layer.dropout == 0.1, "fine-tuning starts with dropout")
    let tokenizer = try Tokenizer(contentsOf: best.path)
    #expect(tokenizer.vocabularySize == model.configuration.vocabularySize)
    #expect(tokenizer.encodeIDs("ant bee").count == 4)
    let classifier = try ClassifierFolder.configuration(adapting: best, labels: ["a", "b"])
    #expect(classifier.pooling == .mean)
    #expect(try best.attune()?.string(at: "task") == "masked-tokens")
  }

  @Test(
    "A run that was interrupted again and again ends in the same bits", arguments: [false, true])
  func resumes(isPaired: Bool) throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(80, seed: 2), to: folder.path("corpus.txt"))
    var settings = settings(steps: 30)
    (settings.dropout, settings.wholeWords) = (0.1, true)
    settings.nextSentence = isPaired ? true : nil
    try run("whole", in: folder, settings)
    try run("parts", in: folder, settings, stopAfter: 4)
    for count in [1, 9, 7] {
      let part = try run(
        "parts", in: folder, PretrainingSettings(), stopAfter: count, resumed: true)
      #expect(part.report.outcome == .interrupted)
    }
    try run("parts", in: folder, PretrainingSettings(), resumed: true)
    for model in ["best", "last"] {
      let files = try ["whole", "parts"].map {
        try SHA256.hash(file: folder.path("\($0)/\(model)/model.safetensors"))
      }
      #expect(files[0] == files[1], "\(model)")
    }
    let names = try ModelFolder(folder.path("whole/best")).weights().tensors.map(\.name)
    #expect(names.contains("cls.seq_relationship.weight") == isPaired)
    #expect(names.contains("bert.pooler.dense.weight") == isPaired)
  }

  @Test("A budget becomes a number of steps, which a resumed run keeps")
  func budget() throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(80, seed: 3), to: folder.path("corpus.txt"))
    var settings = settings(steps: nil)
    // Hardly a time at all: as few steps as there may be.
    settings.budget = 1
    settings.validationFraction = 0.02
    let first = try run("run", in: folder, settings, stopAfter: 2)
    let saved = try InputFile.json(of: folder.path("run/run.json"))
    let steps = try saved.integer(at: "settings", "maximumSteps")
    #expect(steps >= 20)
    #expect(first.notes.contains { $0.contains("--max-steps \(steps)") })
    var asked = PretrainingSettings()
    asked.budget = 1
    let second = try run("run", in: folder, asked, stopAfter: 3, resumed: true)
    #expect(second.report.state.step == 5)
    #expect(second.notes.contains("resumed after step 2 of \(steps)"))
    // The measuring left no trace: the same steps without it give the same model.
    settings.budget = nil
    settings.maximumSteps = steps
    try run("again", in: folder, settings, stopAfter: 5)
    let files = try ["run", "again"].map {
      try SHA256.hash(file: folder.path("\($0)/last/model.safetensors"))
    }
    #expect(files[0] == files[1])
  }

  @Test("A model learns on from other texts with its own tokenizer")
  func continues() throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(300, seed: 4), to: folder.path("corpus.txt"))
    try run("first", in: folder, settings(steps: 160))
    try write(Self.texts(60, seed: 5), to: folder.path("other.txt"))
    var asked = PretrainingSettings()
    (asked.origin, asked.packing) = (folder.path("first"), .documents)
    (asked.maximumSteps, asked.evaluations, asked.validationFraction) = (10, 2, 0.2)
    let second = try run("second", in: folder, asked, corpus: "other.txt")
    #expect(second.notes.contains { $0.hasSuffix("with its own head for masked tokens") })
    // From nothing so few steps learn nothing.
    let found = second.report.evaluation
    #expect(found.loss < 0.6 * found.frequencyLoss, "\(found)")
    let files = try ["first", "second"].map {
      try InputFile.bytes(of: folder.path("\($0)/best/tokenizer.json"))
    }
    #expect(files[0] == files[1])
    asked.layers = 3
    #expect(throws: SettingError.self) { try run("third", in: folder, asked) }
    (asked.layers, asked.windowLength) = (nil, 25)
    #expect(throws: SettingError.self) { try run("third", in: folder, asked) }
  }

  @Test("An encoder without a head for masked tokens gets a new one")
  func growsHead() throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(40, seed: 6), to: folder.path("corpus.txt"))
    try run("first", in: folder, settings(steps: 1))
    let first = try ModelFolder(folder.path("first/best"))
    let origin = try EncoderFolder(first)
    try ModelFolder.create(folder.path("encoder")) {
      try EncoderFolder.write(origin.encoder().encoder, origin.configuration, with: $0)
    }
    try Tokenizer(contentsOf: first.path).save(to: folder.path("encoder"))
    var asked = PretrainingSettings()
    asked.origin = folder.path("encoder")
    (asked.maximumSteps, asked.validationFraction, asked.batchTokens) = (2, 0.2, 200)
    let (report, notes) = try run("run", in: folder, asked)
    #expect(report.state.step == 2)
    #expect(notes.contains { $0.hasSuffix("with a new head for masked tokens") })
    let written = try MaskedTokenFolder(ModelFolder(folder.path("run/last")))
    #expect(written.configuration == origin.configuration)
    // A tokenizer of special tokens alone has nothing to hide.
    for file in ["config.json", "model.safetensors"] {
      let bytes = try InputFile.bytes(of: FileSystem.join(folder.path("encoder"), file))
      try folder.write(bytes, to: "bare/\(file)")
    }
    try write(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], to: folder.path("bare/vocab.txt"))
    asked.origin = folder.path("bare")
    #expect(throws: SettingError.self) { try run("second", in: folder, asked) }
  }

  @Test("Texts are found in tables, and documents between empty lines")
  func files() throws {
    let folder = try TemporaryFolder()
    let texts = Self.texts(30, seed: 7)
    try write(texts, to: folder.path("corpus.txt"))
    try write(["id,text"] + texts.enumerated().map { "\($0),\($1)" }, to: folder.path("corpus.csv"))
    try write(texts.map { "{\"text\": \"\($0)\"}" }, to: folder.path("corpus.jsonl"))
    try write(
      texts.flatMap { text in text.split(separator: " ", maxSplits: 3).map(String.init) + [""] },
      to: folder.path("blocks.txt"))
    var hashes: [String] = []
    for name in ["corpus.txt", "corpus.csv", "corpus.jsonl", "blocks.txt"] {
      var settings = settings(steps: 2)
      if name == "blocks.txt" { settings.documents = .paragraphs }
      try run("run-\(name)", in: folder, settings, corpus: name)
      hashes.append(
        "\(try SHA256.hash(file: folder.path("run-\(name)/last/model.safetensors")))")
    }
    #expect(Set(hashes).count == 1)
  }

  @Test("What cannot be trained is refused before anything is written")
  func refusals() throws {
    let folder = try TemporaryFolder()
    try write(["one text"], to: folder.path("corpus.txt"))
    #expect(throws: (any Error).self) {
      try run("run", in: folder, settings(steps: 10))
    }
    try write(Self.texts(20, seed: 8), to: folder.path("corpus.txt"))
    for change: (inout PretrainingSettings) -> Void in [
      { $0.heads = 5 }, { $0.maskRate = 0 }, { $0.maskShare = 0.95 }, { $0.windowLength = 4 },
      {
        $0.recipe = .modern
        $0.nextSentence = true
      },
      {
        ($0.nextSentence, $0.packing) = (true, .continuous)
      },
    ] {
      var wrong = settings(steps: 10)
      change(&wrong)
      #expect(throws: SettingError.self) { try run("run", in: folder, wrong) }
    }
    try write(["", " "], to: folder.path("empty.txt"))
    var request = Pretraining.Request(
      corpus: [folder.path("corpus.txt")], output: folder.path("run"))
    request.validation = [folder.path("empty.txt")]
    #expect {
      try Pretraining.run(request, settings: settings(steps: 10))
    } throws: { "\($0)" == "\(folder.path("empty.txt")): there is no text, expected one or more." }
    var wrong = PretrainingSettings()
    wrong.heads = 3
    let error = #expect(throws: SettingError.self) { try run("run", in: folder, wrong) }
    // That of the recipe.
    #expect(error?.expected == "a divisor of the dimension 256")
    #expect(!FileSystem.exists(folder.path("run")))
  }

  @Test("Every recipe has all its settings", arguments: PretrainingRecipe.allCases)
  func recipes(recipe: PretrainingRecipe) throws {
    let settings = recipe.settings
    #expect(settings.recipe == recipe && !recipe.summary.isEmpty)
    #expect(settings.layers != nil && settings.learningRate != nil && settings.maskRate != nil)
    // Turc et al. 2019, table 1: heads have 64 columns.
    #expect((settings.dimension ?? 0) == 64 * (settings.heads ?? 0))
  }

  @Test("A modern encoder learns, too")
  func modern() throws {
    let folder = try TemporaryFolder()
    try write(Self.texts(60, seed: 9), to: folder.path("corpus.txt"))
    var settings = settings(steps: 4)
    settings.recipe = .modern
    let (report, _) = try run("run", in: folder, settings)
    #expect(report.reader.contains("ModernBertForMaskedLM"))
    let written = try MaskedTokenFolder(ModelFolder(folder.path("run/best")))
    #expect(written.configuration.family == .modernBERT)
    #expect(written.configuration.maximumLength == 512)
  }
}
