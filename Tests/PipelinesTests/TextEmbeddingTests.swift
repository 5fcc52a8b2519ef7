// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import Foundation
import TestSupport
import Testing

@testable import AttunePipelines

@Suite("Text embedding")
struct TextEmbeddingTests {
  static let golden = Golden.path("Models/Embedders")
  /// What sentence-transformers computed.
  let expected: JSONField
  let texts: [String]
  let temporary: TemporaryFolder

  init() throws {
    expected = try InputFile.json(of: FileSystem.join(Self.golden, "vectors.json"))
    texts = try expected.strings(at: "texts")
    temporary = try TemporaryFolder()
  }

  /// A copy of the golden folder in which some files have another content.
  func folder(_ name: String = "model", changing files: [String: String] = [:]) throws -> String {
    let source = FileSystem.join(Self.golden, "folder")
    for part in ["", "1_Pooling", "2_Dense"] {
      let place = FileSystem.join(source, part)
      for file in try FileSystem.entries(of: place) {
        let path = FileSystem.join(place, file)
        if FileSystem.isFolder(path) { continue }
        try temporary.write(
          InputFile.bytes(of: path), to: FileSystem.join(FileSystem.join(name, part), file))
      }
    }
    for (file, text) in files { try temporary.write(text, to: FileSystem.join(name, file)) }
    return temporary.path(name)
  }

  func expect(
    _ embeddings: Embeddings, _ path: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var field = expected
    for key in path { field = try field.field(at: key) }
    let rows = try field.fields().flatMap { try $0.doubles() }
    #expect(embeddings.values.count == rows.count, sourceLocation: sourceLocation)
    let worst = zip(embeddings.values, rows).map { abs(Double($0) - $1) }.max() ?? 0
    #expect(worst < 1e-5, "\(path) \(worst) apart", sourceLocation: sourceLocation)
  }

  @Test("A folder of sentence-transformers gives its vectors, with every prompt")
  func vectors() throws {
    let embedding = try TextEmbedding(contentsOf: FileSystem.join(Self.golden, "folder"))
    #expect(embedding.kind == .sentenceTransformers && embedding.dimension == 12)
    #expect(embedding.promptNames == ["query", "document"] && embedding.maximumLength == 14)
    var options = TextEmbedding.Options()
    try expect(embedding.embed(texts), "default")
    options.prompt = ""
    let vectors = embedding.embed(texts, options)
    try expect(vectors, "none")
    #expect(vectors.truncatedCounts.map { $0 > 0 } == [false, false, true, false, false])
    let similarities = try expected.fields(at: "similarities").map { try $0.doubles() }
    let found = embedding.embed(texts)
    for row in texts.indices {
      for column in texts.indices {
        let similarity = Double(embedding.similarity(found[row], found[column]))
        #expect(abs(similarity - similarities[row][column]) < 1e-5)
      }
    }
    options.prompt = try embedding.prompt(named: "query")
    try expect(embedding.embed(texts, options), "queried")
    options = .init()
    options.prompt = ""
    options.normalizes = false
    try expect(embedding.embed(texts, options), "unscaled")
    #expect(throws: UnknownPromptError.self) { try embedding.prompt(named: "qury") }
  }

  @Test("A folder that today's sentence-transformers saved is read alike")
  func newNames() throws {
    var files: [String: String] = [:]
    for name in [
      "modules.json", "1_Pooling/config.json", "2_Dense/config.json", "3_Normalize/config.json",
      "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json",
    ] {
      files[name] = try InputFile.text(of: FileSystem.join(Self.golden, "new/\(name)"))
    }
    let embedding = try TextEmbedding(contentsOf: folder(changing: files))
    #expect(embedding.maximumLength == 14)
    try expect(embedding.embed(texts), "cased")
  }

  /// Files that leave a pooling alone behind the encoder.
  static func pooling(_ kind: String, includesPrompt: Bool) -> [String: String] {
    let kinds = kind.split(separator: "+").map { "\"\($0)\"" }.joined(separator: ",")
    return [
      "modules.json": """
      [{"path":"","type":"a.Transformer"},{"path":"1_Pooling","type":"b.c.Pooling"}]
      """,
      "1_Pooling/config.json": """
      {"embedding_dimension":16,"pooling_mode":[\(kinds)],"include_prompt":\(includesPrompt)}
      """,
      "sentence_bert_config.json": #"{"max_seq_length":14,"do_lower_case":false}"#,
    ]
  }

  @Test(
    "Every pooling, alone and joined, agrees with sentence-transformers",
    arguments: [
      "cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken",
      "weightedmean+cls",
    ])
  func poolings(_ kind: String) throws {
    var options = TextEmbedding.Options()
    options.prompt = ""
    let all = try TextEmbedding(
      contentsOf: folder(changing: Self.pooling(kind, includesPrompt: true)))
    try expect(all.embed(texts, options), kind, "all")
    let behind = try TextEmbedding(
      contentsOf: folder("other", changing: Self.pooling(kind, includesPrompt: false)))
    options.prompt = try behind.prompt(named: "query")
    try expect(behind.embed(texts, options), kind, "behind")
  }

  @Test("The vector of a text is the same bits alone and in any batch")
  func batchIndependence() throws {
    let embedding = try TextEmbedding(contentsOf: FileSystem.join(Self.golden, "folder"))
    let many = (0..<60).map { number in
      texts[number % 5] + String(repeating: " film", count: number % 11)
    }
    let together = embedding.embed(many)
    var options = TextEmbedding.Options()
    options.batchTokens = 7
    #expect(embedding.embed(many, options) == together)
    for (row, text) in many.enumerated() {
      #expect(embedding.embed(text) == Array(together[row]))
    }
    #expect(embedding.embed([]).count == 0)
  }

  @Test("Asynchronous calls give the same vectors")
  func asynchronous() async throws {
    let embedding = try TextEmbedding(contentsOf: FileSystem.join(Self.golden, "folder"))
    try await expect(embedding.embed(texts), "default")
  }

  @Test("An encoder alone is averaged, a classifier taken before its head")
  func otherFolders() throws {
    let files = Self.pooling("mean", includesPrompt: true)
    let path = try folder(changing: files)
    let whole = try TextEmbedding(contentsOf: path)
    try FileSystem.remove(FileSystem.join(path, "modules.json"))
    let bare = try TextEmbedding(contentsOf: path)
    #expect(bare.kind == .encoder && bare.dimension == 16)
    var options = TextEmbedding.Options()
    options.prompt = ""
    options.normalizes = false
    options.maximumLength = 14
    #expect(bare.embed(texts, options).values == whole.embed(texts, options).values)
    let classifier = try TextEmbedding(contentsOf: Golden.path("Models/Classifiers/bert"))
    #expect(classifier.kind == .classifier && classifier.dimension == 32)
    let vector = classifier.embed("a good film")
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  /// Writes what Python is to open below `path`.
  func save(to path: String) throws {
    try TextEmbedding(contentsOf: FileSystem.join(Self.golden, "folder"))
      .save(to: FileSystem.join(path, "folder"), overwriting: true)
    let modes = try folder(
      "modes", changing: Self.pooling("weightedmean+cls", includesPrompt: true))
    // The golden prompts would be put before texts here too.
    try FileSystem.remove(FileSystem.join(modes, "config_sentence_transformers.json"))
    try TextEmbedding(contentsOf: modes).save(to: FileSystem.join(path, "modes"), overwriting: true)
  }

  @Test("Saved folders are byte for byte those that sentence-transformers opened")
  func savedBytes() throws {
    // Set to a folder to write there what make_embedders.py is to open.
    let path = ProcessInfo.processInfo.environment["ATTUNE_GOLDEN_EMBEDDERS"] ?? temporary.path
    try save(to: path)
    let opened = try InputFile.json(of: FileSystem.join(Self.golden, "opened.json")).object()
    #expect(opened.count > 10)
    for member in opened.members {
      let hash = try SHA256.hash(file: FileSystem.join(path, member.key))
      #expect("\(hash)" == member.value.stringValue, "\(member.key)")
    }
  }

  @Test("A saved folder reads back the same vectors")
  func roundTrip() throws {
    let embedding = try TextEmbedding(contentsOf: FileSystem.join(Self.golden, "folder"))
    try embedding.save(to: temporary.path("saved"))
    let saved = try TextEmbedding(contentsOf: temporary.path("saved"))
    #expect(saved.embed(texts) == embedding.embed(texts))
    #expect(saved.configuration == embedding.configuration)
    #expect(throws: FileError.self) { try embedding.save(to: temporary.path("saved")) }
  }

  @Test(
    "What does not fit is refused with its key",
    arguments: [
      ("modules.json", "models.Pooling", "models.CNN", "CNN"),
      ("modules.json", "models.Transformer", "models.BoW", "BoW"),
      ("modules.json", "models.Normalize", "models.LayerNorm", "LayerNorm"),
      ("modules.json", "1_Pooling", "../1_Pooling", "inside the model's folder"),
      ("modules.json", "2_Dense", "/2_Dense", "inside the model's folder"),
      ("modules.json", "2_Dense", "1_Pooling", "in_features"),
      ("1_Pooling/config.json", "mean_tokens\": true", "mean_tokens\": 1", "mean_tokens"),
      ("1_Pooling/config.json", "cls_token\": true", "cls_token\": false", "in_features"),
      ("2_Dense/config.json", "\"out_features\": 12", "\"out_features\": 13", "[12, 32]"),
      ("2_Dense/config.json", "\"in_features\": 32", "\"in_features\": 16", "gives 32"),
      ("2_Dense/config.json", "\"bias\": true", "\"bias\": false", "linear.bias"),
      ("2_Dense/config.json", "activation.Tanh", "activation.Softsign", "Softsign"),
      ("2_Dense/config.json", "\"bias\": true", "\"use_residual\": true", "use_residual"),
      ("sentence_bert_config.json", "14", "-1", "max_seq_length"),
      ("config_sentence_transformers.json", "\"document\",", "\"other\",", "default_prompt_name"),
      ("config_sentence_transformers.json", "\"dot\"", "\"angle\"", "similarity_fn_name"),
      ("config_sentence_transformers.json", "\"film: \"", "3", "prompts.document"),
    ])
  func refusals(file: String, old: String, new: String, named: String) throws {
    let text = try InputFile.text(of: FileSystem.join(Self.golden, "folder/\(file)"))
    try #require(text.contains(old), "\(old)")
    let changed = text.replacingOccurrences(of: old, with: new)
    let path = try folder(changing: [file: changed])
    do {
      _ = try TextEmbedding(contentsOf: path)
      Issue.record("\(new) was accepted")
    } catch let error as any AttuneError {
      #expect(error.exitCode == .data)
      #expect("\(error)".contains(named), "\(error)")
    }
  }
}
