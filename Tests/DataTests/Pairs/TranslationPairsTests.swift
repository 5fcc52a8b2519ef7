// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Pairs of texts and translations")
struct TranslationPairsTests {
  private func read(
    _ name: String, _ text: String, source: String? = nil, target: String? = nil
  ) throws -> TranslationPairs {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Array(text.utf8), to: folder.path(name))
    return try TranslationPairs(.table(folder.path(name), source: source, target: target))
  }

  @Test("Two columns are pairs, quotes and all, and white space of any kind goes from their ends")
  func columns() throws {
    let pairs = try read("a.tsv", "Hi.\tSalut\u{202F}!\u{202F}\n \"Yes\" \tOui\n")
    #expect(pairs.pairs.map(\.source) == ["Hi.", "\"Yes\""])
    #expect(pairs.pairs.map(\.target) == ["Salut\u{202F}!", "Oui"])
    #expect(pairs.pairs.map(\.line) == [1, 2] && pairs.heading == nil)
  }

  @Test("A first row of language codes names the columns")
  func heading() throws {
    let pairs = try read("a.tsv", "en\tpt-BR\nYes.\tSim.\n")
    #expect(pairs.heading == ["en", "pt-BR"] && pairs.pairs.map(\.source) == ["Yes."])
    #expect(try read("a.tsv", "Oui.\tYes.\nNon.\tNo.\n").pairs.count == 2)
  }

  @Test("Named columns are found among others")
  func named() throws {
    let text = "id,fr,en\n1,\"Oui, oui\",\"Yes, yes\"\n"
    let pairs = try read("a.csv", text, source: "en", target: "fr").pairs
    #expect(pairs == [TranslationPair(source: "Yes, yes", target: "Oui, oui", line: 2)])
    let unknown = #expect(throws: TranslationPairsError.self) {
      try read("a.csv", text, source: "en", target: "fa")
    }
    #expect(unknown?.description.contains("'fr'") == true)
    let three = #expect(throws: TranslationPairsError.self) { try read("a.csv", text) }
    #expect(three?.description.contains("found 3 columns") == true)
  }

  @Test("JSON lines hold pairs by two keys, also within 'translation'")
  func jsonLines() throws {
    let plain = try read("a.jsonl", #"{"en": "Yes.", "fr": "Oui."}"# + "\n")
    #expect(plain.pairs.map(\.target) == ["Oui."])
    let nested = try read(
      "a.jsonl", #"{"id": 7, "translation": {"fr": "Oui.", "en": "Yes."}}"# + "\n",
      source: "en", target: "fr")
    #expect(nested.pairs.map(\.source) == ["Yes."])
    let missing = #expect(throws: DataFileError.self) {
      try read("a.jsonl", #"{"en": "Yes.", "fr": "Oui."}"# + "\n" + #"{"en": "No."}"# + "\n")
    }
    #expect(missing?.line == 2 && missing?.problem == .missingValue(column: "fr"))
  }

  @Test("Pairs with an empty side are left out and counted")
  func empty() throws {
    let pairs = try read("a.tsv", "Yes.\tOui.\n\tNon.\nMaybe.\t\u{A0}\n")
    #expect(pairs.pairs.count == 1 && pairs.emptyLines == [2, 3])
    let none = #expect(throws: TranslationPairsError.self) { try read("a.tsv", "\tNon.\n") }
    #expect(none?.description.contains("empty side") == true)
  }

  @Test("Two files of unequal lengths are refused with both counts")
  func unequal() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Array("a\nb\nc\n".utf8), to: folder.path("en"))
    try AtomicFile.write(Array("x\ny".utf8), to: folder.path("fr"))
    let error = #expect(throws: TranslationPairsError.self) {
      try TranslationPairs(.parallel(source: folder.path("en"), target: folder.path("fr")))
    }
    #expect(error?.description.contains("en has 3 lines") == true)
    #expect(error?.description.contains("fr has 2") == true)
    try AtomicFile.write(Array("x\ny\nz".utf8), to: folder.path("fr"), existing: .replace)
    let pairs = try TranslationPairs(
      .parallel(source: folder.path("en"), target: folder.path("fr")))
    #expect(pairs.pairs.map(\.target) == ["x", "y", "z"])
  }
}
