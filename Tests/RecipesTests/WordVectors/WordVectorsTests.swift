// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneData
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import AttuneTokenizers
import TestSupport
import Testing

@testable import AttuneRecipes

@Suite("Tables that start from word vectors")
struct WordVectorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let vocabulary = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film", "play", "##ing", "the", "zebra",
  ]

  private func table(
    _ file: String, width: Int, lowercases: Bool = true, vocabulary: [String] = Self.vocabulary
  ) throws -> (before: [Float], after: [Float], report: String, warning: String?) {
    let tokenizer = try Tokenizer(
      wordPiece: Vocabulary(vocabulary), lowercases: lowercases)
    let path = try folder.write(file, to: "vectors.txt")
    let vectors = try WordVectors(contentsOf: path, for: TokenTexts(tokenizer))
    var table = Embedding(
      entries: vocabulary.count, dimension: width, standardDeviation: 0.1,
      key: RandomKey(seed: 3))
    let before = table.weight.values
    let report = vectors.write(
      to: &table, texts: [[2, 5, 7, 9, 3]], key: RandomKey(seed: 8))
    return (before, table.weight.values, report, vectors.warning)
  }

  private static let file = """
    film 3 1
    The -1 1
    the 1 1
    playing 2 5
    Filming 4 3
    play -1 1
    film 9 9
    unheard 0 0

    """

  @Test(
    "Words have their own vectors, pieces the mean of the words around them, the rest what was drawn"
  )
  func rows() throws {
    let (before, after, report, warning) = try table(Self.file, width: 2)
    // The mean of film, the and play is (1, 1); ##ing stands in playing and Filming: (3, 4).
    let expected: [(row: Int, x: Float, y: Float)] = [
      (5, 2, 0), (6, -2, 0), (7, 2, 3), (8, 0, 0),
    ]
    let scale = after[10] / 2
    for (row, x, y) in expected {
      #expect(abs(after[2 * row] - scale * x) < 1e-6 && abs(after[2 * row + 1] - scale * y) < 1e-6)
    }
    for row in [0, 1, 2, 3, 4, 9] {
      #expect(before[2 * row..<2 * row + 2] == after[2 * row..<2 * row + 2], "\(row)")
    }
    // As large on average as the drawn numbers were.
    let written = after[10..<18].reduce(0) { $0 + $1 * $1 } / 8
    let drawn = before.reduce(0) { $0 + $1 * $1 } / Float(before.count)
    #expect(abs(written / drawn - 1) < 1e-4)
    #expect(warning?.contains("1 words stand there again") ?? false)
    #expect(
      report.contains("3 tokens are words with a vector, 1 pieces of such words")
        && report.hasSuffix("20.0 % and 20.0 % have one"), "\(report)")
  }

  @Test("Case counts where the tokenizer tells it, and lower case helps out")
  func cases() throws {
    let cased = ["[UNK]", "[CLS]", "[SEP]", "Film", "film", "THE", "The"]
    let file = "film 1 0\nThe 0 1\nthe -1 0\n"
    let (_, after, _, _) = try table(file, width: 2, lowercases: false, vocabulary: cased)
    // Film and THE have only words in lower case; the mean of the four is (1/4, 1/4).
    let expected: [(row: Int, x: Float, y: Float)] = [
      (3, 0.75, -0.25), (4, 0.75, -0.25), (5, -1.25, -0.25), (6, -0.25, 0.75),
    ]
    let scale = after[6] / 0.75
    for (row, x, y) in expected {
      #expect(abs(after[2 * row] - scale * x) < 1e-6 && abs(after[2 * row + 1] - scale * y) < 1e-6)
    }
  }

  @Test("Vectors of another width keep their angles")
  func widths() throws {
    let (_, after, report, _) = try table(Self.file, width: 7)
    func dot(_ a: Int, _ b: Int) -> Float {
      (0..<7).reduce(0) { $0 + after[7 * a + $1] * after[7 * b + $1] }
    }
    // film is (2, 0) and ##ing (2, 3) from the mean.
    #expect(abs(dot(5, 7) / dot(5, 5) - 1) < 1e-4 && abs(dot(7, 7) / dot(5, 5) - 13 / 4) < 1e-4)
    #expect(report.contains("projected to 7 (100.0 % of their variance)"))
  }

  @Test("A training starts from them, and what is frozen keeps them")
  func trains() throws {
    let vectors = "awful 1 0 0\npoor 0.9 0.1 0\nwonderful -1 0 0.2\ngood -0.8 0.1 0.1\n"
    let path = try folder.write(vectors, to: "vectors.txt")
    try folder.write(SmallRuns.stars, to: "stars.csv")
    func table(_ name: String, steps: Int, frozen: [String]?) throws -> [Float] {
      var settings = SmallRuns.settings
      settings.wordVectors = path
      (settings.maximumSteps, settings.frozen) = (steps, frozen)
      var notes: [String] = []
      _ = try ClassifierTraining.run(
        .init(data: folder.path("stars.csv"), output: folder.path(name)), settings: settings,
        observe: { if case .note(let note) = $0 { notes.append(note) } })
      #expect(notes.contains { $0.hasPrefix("word vectors: 4 words of 3 numbers") })
      let model = try ClassifierFolder(ModelFolder(folder.path("\(name)/last"))).model
      return model.encoder.embeddings.token.weight.values
    }
    let frozen = try table("a", steps: 1, frozen: ["embeddings.token"])
    #expect(try table("b", steps: 3, frozen: ["embeddings.token"]) == frozen)
    #expect(try table("c", steps: 3, frozen: nil) != frozen)
    let tokenizer = try Tokenizer(contentsOf: folder.path("a/last"))
    let word = try #require(tokenizer.model.vocabulary.id(of: "wonderful"))
    let row = frozen[Int(word) * 16..<Int(word) * 16 + 16]
    // Three numbers in sixteen columns, of a table whose other rows are drawn.
    #expect(row.contains { $0 != 0 })
  }

  @Test("A model that is there keeps its table")
  func refusesOrigin() throws {
    var request = ClassifierTraining.Request(data: "missing.csv", output: folder.path("run"))
    request.origin = "bundled"
    var settings = ClassifierSettings()
    settings.wordVectors = "vectors.txt"
    #expect(
      throws: ClassifierTrainingError.settingsOfNewModel(["--word-vectors"], origin: "bundled")
    ) {
      try ClassifierTraining.run(request, settings: settings)
    }
  }
}
