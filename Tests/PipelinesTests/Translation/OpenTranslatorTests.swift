// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneDecoding
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneTensors
import AttuneTokenizers
import Foundation
import TestSupport
import Testing

/// A tiny Marian model as transformers saved it, and what transformers computes with it.
struct TranslatorGolden {
  static let names = ["gelu", "relu", "swish", "bpe"]

  let path: String
  let document: JSONField

  init(_ name: String) throws {
    path = Golden.path("Models/Translators/\(name)")
    document = try InputFile.json(of: path + ".json")
  }

  func ids(_ key: String) throws -> [[Int32]] {
    try document.fields(at: key).map { try $0.integers().map { Int32($0) } }
  }
}

@Suite("Folders of translators")
struct OpenTranslatorTests {
  @Test("A Marian model gives the logits of transformers", arguments: TranslatorGolden.names)
  func logits(name: String) throws {
    let golden = try TranslatorGolden(name)
    let translator = try OpenTranslator(contentsOf: golden.path)
    #expect(translator.layout == .marian && translator.generation.beamWidth == 4)
    let targets = try golden.ids("targets")
    var state = translator.model.begin(
      TokenBatch(try golden.ids("sources")), mode: .inference)
    let logits = translator.model.logits(
      of: translator.model.states(for: TokenBatch(targets), state: &state, mode: .inference))
    let found = (0..<logits.rowCount).flatMap { row in
      stride(from: 0, to: logits.columnCount, by: 5).map {
        logits.doubles[row * logits.columnCount + $0]
      }
    }
    let expected = try golden.document.doubles(at: "logits")
    #expect(found.count == expected.count)
    let largest = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(largest < 1e-4, "\(largest)")
  }

  @Test("Greedy search writes what transformers writes", arguments: TranslatorGolden.names)
  func greedy(name: String) throws {
    let golden = try TranslatorGolden(name)
    let translator = try OpenTranslator(contentsOf: golden.path)
    let tokens = translator.configuration.tokens
    let search = GreedySearch(
      limits: DecodingLimits(start: tokens.start, end: tokens.end, maximumLength: 12))
    let found = search(translator.model, TokenBatch(try golden.ids("sources")))
    for (hypothesis, expected) in zip(found, try golden.ids("greedy")) {
      #expect(hypothesis.tokens == expected.filter { $0 != tokens.end })
    }
    let decoded = found.map { translator.tokenizers.target.decode($0.tokens) }
    #expect(try decoded == golden.document.strings(at: "decoded"))
  }

  @Test("Texts have the ids of MarianTokenizer", arguments: TranslatorGolden.names)
  func encodings(name: String) throws {
    let golden = try TranslatorGolden(name)
    let tokenizers = try TranslationTokenizers(contentsOf: golden.path)
    let texts = try golden.document.strings(at: "texts")
    for (key, tokenizer) in [("source", tokenizers.source), ("target", tokenizers.target)] {
      for (text, expected) in zip(texts, try golden.ids(key)) {
        #expect(tokenizer.encodeIDs(text) == expected, "\(key) \(text.debugDescription)")
        let encoding = tokenizer.encode(text)
        #expect(encoding.ids == expected, "\(key) \(text.debugDescription)")
        #expect(encoding.offsets.allSatisfy { $0.upperBound <= text.utf8.count })
      }
    }
    let cut = tokenizers.source.encode(texts[0], maximumLength: 5)
    #expect(cut.ids.count == 5 && cut.ids.last == tokenizers.source.endID)
    #expect(tokenizers.source.encodeIDs(texts[0], maximumLength: 5) == cut.ids)
  }

  private func write(to path: String) throws {
    for name in TranslatorGolden.names {
      let source = try OpenTranslator(contentsOf: TranslatorGolden(name).path)
      for storage in [WeightStorage.float32, .float16] {
        let suffix = storage == .float32 ? "" : "@\(storage)"
        try ModelFolder.create(FileSystem.join(path, name + suffix), overwriting: true) {
          try OpenTranslator.write(
            source.model, source.configuration, source.tokenizers, generation: source.generation,
            attune: nil, storage: storage, with: $0)
        }
      }
    }
    for algorithm in SentencePieceTrainer.Algorithm.allCases {
      try writeTrained(algorithm, to: path)
    }
  }

  private func trainedName(_ algorithm: SentencePieceTrainer.Algorithm) -> String {
    algorithm == .unigram ? "trained" : "trained-\(algorithm)"
  }

  /// A translator that has learned nothing, with a tokenizer that has.
  private func writeTrained(
    _ algorithm: SentencePieceTrainer.Algorithm, to path: String
  ) throws {
    let texts = try TranslatorGolden("gelu").document.strings(at: "training")
    let tokenizers = try TranslationTokenizers(
      jointModel: SentencePieceTrainer(algorithm, pieceCount: 150).train(on: texts),
      maximumLength: 64)
    let layer = TransformerLayerSettings(
      modelDimension: 16, headCount: 2, feedForwardDimension: 20, activation: .relu,
      epsilon: TranslatorConfiguration.marianEpsilon)
    let tokens = TranslatorTokens(
      start: tokenizers.target.padID, end: tokenizers.target.endID,
      padding: tokenizers.target.padID)
    let configuration = TranslatorConfiguration(
      vocabularySize: tokenizers.vocabulary.count, encoderLayerCount: 1, decoderLayerCount: 1,
      layer: layer, tokens: tokens, maximumLength: 64)
    try ModelFolder.create(FileSystem.join(path, trainedName(algorithm)), overwriting: true) {
      try OpenTranslator.write(
        TransformerTranslator(configuration, key: RandomKey(seed: 5)), configuration, tokenizers,
        attune: nil, with: $0)
    }
  }

  @Test(
    "A tokenizer that was trained here cuts texts as sentencepiece does with its file",
    arguments: SentencePieceTrainer.Algorithm.allCases)
  func trainedTokenizer(algorithm: SentencePieceTrainer.Algorithm) throws {
    let folder = try TemporaryFolder()
    try writeTrained(algorithm, to: folder.path)
    let name = trainedName(algorithm)
    let document = try InputFile.json(of: Golden.path("Models/Translators/\(name).json"))
    let tokenizers = try TranslationTokenizers(contentsOf: folder.path(name))
    let expected = try document.fields(at: "source").map { try $0.integers().map { Int32($0) } }
    for (text, ids) in zip(try document.strings(at: "texts"), expected) {
      #expect(tokenizers.source.encodeIDs(text) == ids, "\(text.debugDescription)")
    }
  }

  @Test("Saved folders are byte for byte those that transformers opened with equal outputs")
  func savedBytes() throws {
    let temporary = try TemporaryFolder()
    // Set to a folder to write there what make_translators.py is to open.
    let path = FileSystem.join(
      ProcessInfo.processInfo.environment["ATTUNE_GOLDEN_OUTPUT"] ?? temporary.path, "translators")
    try write(to: path)
    let opened = try InputFile.json(of: Golden.path("Models/Translators/opened.json")).object()
    #expect(opened.count == 10 * 8)
    for member in opened.members {
      let hash = try SHA256.hash(file: FileSystem.join(path, member.key))
      #expect("\(hash)" == member.value.stringValue, "\(member.key)")
    }
  }

  @Test("A translator with its norms in front is saved under a type of its own and reads back")
  func preNorm() throws {
    let golden = try OpenTranslator(contentsOf: TranslatorGolden("swish").path)
    var configuration = golden.configuration
    configuration.encoder.normPlacement = .pre
    configuration.decoder.normPlacement = .pre
    let model = TransformerTranslator(configuration, key: RandomKey(seed: 4))
    let folder = try TemporaryFolder()
    let path = folder.path("pre")
    try ModelFolder.create(path) {
      try OpenTranslator.write(
        model, configuration, golden.tokenizers, attune: ["task": "translation"], with: $0)
    }
    let again = try OpenTranslator(contentsOf: path)
    #expect(again.layout == .attune && again.configuration == configuration)
    for (a, b) in zip(again.model.namedTensors, model.namedTensors) {
      #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
    }
  }

  /// A copy of a golden folder with one file changed.
  private func damaged(
    _ file: String, _ change: (String) -> String
  ) throws -> (TemporaryFolder, String) {
    let folder = try TemporaryFolder()
    let source = try TranslatorGolden("gelu").path
    for name in try FileSystem.entries(of: source) {
      var bytes = try InputFile.bytes(of: FileSystem.join(source, name))
      if name == file { bytes = Array(change(String(decoding: bytes, as: UTF8.self)).utf8) }
      try AtomicFile.write(bytes, to: folder.path(name))
    }
    return (folder, folder.path)
  }

  @Test("What a folder cannot have is refused with the key, what was found and what was expected")
  func refusals() throws {
    let cases: [(file: String, from: String, to: String, message: String)] = [
      ("config.json", #""marian""#, #""marain""#, "Did you mean 'marian'?"),
      (
        "config.json", #""tie_word_embeddings": true"#, #""tie_word_embeddings": false"#,
        "expected true"
      ),
      (
        "config.json", #""decoder_vocab_size": 126"#, #""decoder_vocab_size": 7"#,
        "decoder_vocab_size"
      ),
      ("config.json", #""pad_token_id": 125"#, #""pad_token_id": 500"#, "pad_token_id"),
      (
        "config.json", #""encoder_layers": 2"#, #""encoder_layers": 3"#,
        "model.encoder.layers.2.fc1.weight"
      ),
      ("config.json", #""encoder_layers": 2"#, #""encoder_layers": 9999999"#, "describes a model"),
      ("config.json", #""eos_token_id": 0"#, #""eos_token_id": 4"#, "the end is token 4"),
      (
        "tokenizer_config.json", #""separate_vocabs": false"#, #""separate_vocabs": true"#,
        "separate_vocabs"
      ),
      (
        "tokenizer_config.json", #""eos_token": "</s>""#, #""eos_token": "</e>""#,
        "'</e>' is not among"
      ),
      ("vocab.json", #""</s>": 0"#, #""</s>": 9"#, "the same id"),
      ("source.spm", "\u{0A}", "\u{FF}", "source.spm"),
    ]
    for (file, from, to, message) in cases {
      let (folder, path) = try damaged(file) { $0.replacingOccurrences(of: from, with: to) }
      #expect("\(file): \(to)") {
        _ = try OpenTranslator(contentsOf: path)
      } throws: { error in
        let isTold = "\(error)".contains(message)
        if !isTold { print("\(error)") }
        return isTold && error is any AttuneError
      }
      _ = folder
    }
  }
}
