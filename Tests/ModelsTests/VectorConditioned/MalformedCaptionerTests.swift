// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Malformed captioners")
struct MalformedCaptionerTests {
  /// A key with a value, and what the error names.
  struct Case: Sendable, CustomTestStringConvertible {
    let key: String
    /// JSON; nil: the key is missing.
    let value: String?
    let expected: String

    var testDescription: String { "\(key) = \(value ?? "missing")" }
  }

  private static let sizes = [
    "d_model", "vocab_size", "decoder_layers", "decoder_attention_heads", "decoder_ffn_dim",
    "vector_size", "vector_positions", "mapping_layers", "mapping_positions",
    "mapping_attention_heads", "mapping_ffn_dim", "max_position_embeddings",
  ].flatMap { key in
    ["-1", "2.5", "\"32\"", "[32]", "{}", "99999999", "9223372036854775807"].map {
      Case(key: key, value: $0, expected: key)
    }
  }

  private static let plausible = [
    "d_model", "vocab_size", "decoder_layers", "decoder_ffn_dim", "vector_size",
    "vector_positions", "mapping_layers", "mapping_positions", "mapping_ffn_dim",
  ].map { Case(key: $0, value: "12000000", expected: "describes a model") }

  private static let others: [Case] = [
    Case(key: "model_type", value: "\"attune-captoiner\"", expected: "Did you mean"),
    Case(key: "model_type", value: nil, expected: "model_type"),
    Case(key: "vector_size", value: nil, expected: "vector_size"),
    Case(key: "vector_size", value: "8", expected: "model.vectors.projection.weight"),
    Case(key: "d_model", value: nil, expected: "d_model"),
    Case(key: "decoder_attention_heads", value: "5", expected: "divides d_model, 12"),
    Case(key: "mapping_attention_heads", value: "5", expected: "divides d_model, 12"),
    Case(key: "vector_form", value: "\"vectors\"", expected: "Did you mean 'vector'?"),
    Case(key: "vector_form", value: nil, expected: "vector, sequence"),
    Case(key: "vector_scaling", value: "\"standard\"", expected: "model.vectors.mean"),
    Case(key: "vector_dropout", value: "1", expected: "rate"),
    Case(key: "mapping_layers", value: "0", expected: "model.mapping.constants"),
    Case(key: "mapping_layers", value: "3", expected: "model.mapping.layers.2"),
    Case(key: "mapping_positions", value: "5", expected: "model.mapping.constants"),
    Case(key: "pad_token_id", value: "30", expected: "pad_token_id"),
    Case(key: "norm_placement", value: "\"between\"", expected: "norm_placement"),
    Case(key: "scale_embedding", value: "1", expected: "scale_embedding"),
    Case(key: "position_order", value: nil, expected: "position_order"),
  ]

  static let all = sizes + plausible + others

  private let golden: ModelFolder

  init() throws { golden = try ModelFolder(Golden.path("Models/Captioners/mapped")) }

  private func folder(_ configuration: [UInt8]) throws -> (TemporaryFolder, ModelFolder) {
    let temporary = try TemporaryFolder()
    try temporary.write(
      InputFile.bytes(of: golden.path(of: "model.safetensors")), to: "model.safetensors")
    try temporary.write(configuration, to: "config.json")
    return (temporary, try ModelFolder(temporary.path))
  }

  @Test("A wrong key is refused by its name", arguments: all)
  func refusesKeys(_ malformed: Case) throws {
    let object = try InputFile.json(of: golden.path(of: "config.json")).object()
    let others = object.members.filter { $0.key != malformed.key }.map { ($0.key, $0.value) }
    var text = try JSONValue.object(JSONObject(others)).serialized()
    if let value = malformed.value {
      text = Array("{\"\(malformed.key)\": \(value),".utf8) + text.dropFirst()
    }
    let (temporary, folder) = try folder(text)
    do {
      _ = try CaptionerFolder(folder)
      Issue.record("it was accepted")
    } catch let error as any AttuneError {
      #expect(error.exitCode == .data)
      #expect(error.description.contains(malformed.expected), "\(error)")
    }
    _ = temporary
  }

  @Test(
    "A folder cannot ask for a search that has no end or no scores",
    arguments: [
      ("length_penalty", "1e300"), ("length_penalty", "-101"), ("num_beams", "1025"),
      ("max_length", "0"),
    ])
  func refusesSearches(key: String, value: String) throws {
    let (temporary, folder) = try folder(InputFile.bytes(of: golden.path(of: "config.json")))
    try temporary.write("{\"\(key)\": \(value)}", to: "generation_config.json")
    let error = try #require(throws: JSONFieldError.self) { try CaptionerFolder(folder) }
    #expect(error.description.contains("generation_config.json: \(key)"), "\(error)")
  }

  @Test("Damaged bytes are read or refused, and nothing else happens")
  func survivesDamage() throws {
    let bytes = try InputFile.bytes(of: golden.path(of: "config.json"))
    var generator = SplitMix(seed: 21)
    var refused = 0
    for _ in 0..<100 {
      let damaged = mutated(bytes, favouring: Array("0129-.e\"{}[]:,nt".utf8), with: &generator)
      let (temporary, folder) = try folder(damaged)
      do { _ = try CaptionerFolder(folder) } catch {
        refused += 1
        #expect(error is any AttuneError, "\(error)")
      }
      _ = temporary
    }
    #expect(refused > 50)
  }

  @Test(
    "A deviation that no column has is refused with its place",
    arguments: [0, -1, 1e-25] as [Float]
  )
  func refusesDeviations(found: Float) throws {
    let source = try CaptionerFolder(ModelFolder(Golden.path("Models/Captioners/projected")))
    var model = source.model
    model.encoder.standardization?.deviation = Tensor([1, 1, found, 1, -1, 1, 1])
    let temporary = try TemporaryFolder()
    let path = temporary.path("zero")
    try ModelFolder.create(path) {
      try CaptionerFolder.write(model, source.configuration, attune: nil, with: $0)
    }
    let file = FileSystem.join(path, "model.safetensors")
    #expect(throws: VectorDeviationError(path: file, column: 2, found: found)) {
      _ = try CaptionerFolder(ModelFolder(path))
    }
  }
}
