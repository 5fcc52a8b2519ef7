// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneRecipes
import AttuneTensors
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Models with fewer tokens")
struct VocabularyReductionTests {
  let temporary: TemporaryFolder
  private let tokenizer: Tokenizer

  init() throws {
    temporary = try TemporaryFolder()
    let words = ["good", "bad", "film", "pizza", "##s", "never"]
    let letters = "abcdefgilmnoprsvz".flatMap { [String($0), "##" + String($0)] }
    tokenizer = try Tokenizer(
      wordPiece: Vocabulary(
        ["[PAD]", "[unused]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + words + letters))
    try temporary.write("good films , good film", to: "films.txt")
    try temporary.write("text,label\ngood pizza,1\n", to: "pizza.csv")
  }

  /// A model with all tokens.
  private func writeModel() throws -> String {
    let configuration = EncoderConfiguration(
      vocabularySize: tokenizer.vocabularySize, layerCount: 1,
      layer: TransformerLayerSettings(
        modelDimension: 32, headCount: 2, feedForwardDimension: 64, dropout: 0,
        attentionDropout: 0), maximumLength: 16)
    var model = MaskedLanguageModel(configuration, key: RandomKey(seed: 1))
    model.head.outputBias = Tensor(
      (0..<tokenizer.vocabularySize).map { Float($0) }, shape: [tokenizer.vocabularySize])
    let path = temporary.path("model")
    try ModelFolder.create(path) { writer in
      try MaskedTokenFolder.write(model, configuration, with: writer)
      for file in try tokenizer.files() { try writer.write(file.bytes, to: file.name) }
      try writer.write(Array("a card".utf8), to: "README.md")
    }
    return path
  }

  private func convert(size: Int, texts: [String]) throws -> (path: String, notes: [String]) {
    var notes: [String] = []
    _ = try ModelConversion.run(
      model: try writeModel(), output: temporary.path("small"),
      vocabulary: VocabularyChoice(size: size, texts: texts.map { temporary.path($0) }),
      observe: { if case .note(let text) = $0 { notes.append(text) } })
    return (temporary.path("small"), notes)
  }

  private func scores(_ text: String, _ path: String) throws -> (ids: [Int32], values: [Float]) {
    let model = try MaskedTokenFolder(ModelFolder(path)).model
    let ids = try Tokenizer(contentsOf: path).encodeIDs(text)
    return (ids, model.logits(of: [2], in: TokenBatch([ids]), mode: .inference).values)
  }

  @Test("Texts of kept tokens get the scores that they had, token by token")
  func keepsScores() throws {
    let (path, notes) = try convert(size: 1_000, texts: ["films.txt", "pizza.csv"])
    let (old, new) = (
      try scores("good films pizza", temporary.path("model")), try scores("good films pizza", path)
    )
    let small = try Tokenizer(contentsOf: path)
    #expect(new.values.count == small.vocabularySize && small.vocabularySize < 32)
    #expect(old.ids.count == new.ids.count && old.ids != new.ids)
    for (id, value) in new.values.enumerated() {
      let name = try #require(small.model.vocabulary.token(of: Int32(id)))
      let place = try #require(tokenizer.model.vocabulary.id(of: name))
      // Each token's bias is larger by 1 than that of the token before it.
      #expect(abs(value - old.values[Int(place)]) < 1e-4, "\(name)")
    }
    #expect(notes.count == 1 && notes[0].contains("100.0 % of what the texts use"))
    let configuration = try InputFile.json(of: "\(path)/config.json")
    #expect(try configuration.integer(at: "vocab_size") == small.vocabularySize)
    #expect(try InputFile.text(of: "\(path)/README.md") == "a card")
    // What is not used is gone; a word with a character that no text has is unknown.
    #expect(small.model.vocabulary.id(of: "never") == nil)
    #expect(small.encodeIDs("bad").contains(small.unknownID ?? -1))
  }

  @Test("Each file counts as much as any other")
  func weighsFiles() throws {
    // 50 times 'film' in one, 'pizza' once in the other.
    try temporary.write(
      [String](repeating: "good good film", count: 50).joined(separator: "\n"), to: "films.txt")
    let (path, _) = try convert(size: 27, texts: ["films.txt", "pizza.csv"])
    let small = try Tokenizer(contentsOf: path)
    #expect(small.vocabularySize == 27)
    #expect(small.model.vocabulary.id(of: "pizza") != nil)
    #expect(small.model.vocabulary.id(of: "film") == nil)
  }

  @Test("Too few tokens for the characters are refused before anything is written")
  func refuses() throws {
    #expect(throws: SettingError.self) { try convert(size: 8, texts: ["films.txt"]) }
    #expect(!FileSystem.exists(temporary.path("small")))
  }
}
