// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

/// The files of `Tests/Golden/Tokenizers/make_malformed.py`, with what the `tokenizers` package does.
@Suite("Damaged tokenizer files")
struct MalformedFileTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    /// "reads", "refuses", "panics", or "fails": reads and then cannot encode.
    let verdict: String
    var testDescription: String { "\(name) (the tokenizers package \(verdict))" }
  }

  static func cases() throws -> [Case] {
    try InputFile.json(of: Golden.path("Tokenizers/malformed.json")).fields().map { field in
      let values = try field.strings()
      return Case(name: values[0], text: values[1], verdict: values[2])
    }
  }

  /// What is read here; the package reads all of them too.
  static let read: Set<String> = [
    "sound", "sound BPE", "sound Unigram", "gap filled by an added token",
    "canonically equal tokens",
    "merge as a pair", "merge given twice", "merges with a version line", "dropout 0",
    "pattern empty", "pre-tokenizers nested 60 deep",
  ]

  @Test("They are refused with a typed error that names file and place, or read and usable")
  func verdicts() throws {
    let cases = try Self.cases()
    #expect(cases.count == 110)
    for one in cases {
      do {
        let tokenizer = try Tokenizer(tokenizerJSON: Array(one.text.utf8), source: "t.json")
        #expect(one.verdict == "reads" && !tokenizer.encodeIDs("a b").isEmpty, "\(one)")
        #expect(Self.read.contains(one.name), "\(one) is read")
      } catch let error as any AttuneError {
        #expect(!Self.read.contains(one.name), "\(one): \(error)")
        #expect(error.exitCode == .data && error.description.hasPrefix("t.json"), "\(error)")
      }
    }
  }

  @Test(
    "Messages name the place, what is there and what is known",
    arguments: [
      ("unknown model", "model.type: 'Nope' is not supported. Supported: BPE, "),
      ("unknown pre-tokenizer", "pre_tokenizer.type: 'Nope' is not supported. Supported: "),
      ("unknown post-processor", "post_processor.type: 'Nope' is not supported. Supported: "),
      ("unknown decoder", "decoder.type: 'Nope' is not supported. Supported: "),
      ("depth 5,000", "nested"),
      ("ids with a gap", "the token 'a' has the id 7, expected an integer from 0 to 1"),
      ("merge of three", "model.merges: [0]: 'a b c' has 3 parts, expected two tokens"),
      ("merge of a token that is missing", "'c' is not among the 3 tokens"),
      ("merge longer than any token", "'aabb' is not among the 2 tokens"),
      ("merge without the prefix", "'b' does not begin with the prefix"),
      ("merge in the middle of a character", "'é' does not begin with the prefix"),
      ("merge a number", "model.merges: [0]: expected two tokens"),
      ("dropout 0.1", "model.dropout: found 0.1"),
      ("BPE unknown token missing", "model.unk_token: '<unk>' is not among the 3 tokens"),
      ("regular expression without end", "pre_tokenizer.pattern.Regex: '(a+)+$' is not supported"),
      ("behavior unknown", "pre_tokenizer.behavior: found 'Nope', expected one of: Removed"),
      ("stride beyond the length", "truncation.stride: found 5, expected an integer from 0 to 1"),
      (
        "truncation strategy unknown", "truncation.strategy: found 'Nope', expected one of: Longest"
      ),
      ("RobertaProcessing of a missing token", "the token '<s>' with the id 0 is neither in"),
      ("two templates", "more than one part puts tokens around a text"),
      ("ByteLevel before another part", "ByteLevel must be the last part"),
      ("ByteLevel with WordPiece", "ByteLevel is supported with a model of type 'BPE' only"),
    ])
  func messages(name: String, message: String) throws {
    let one = try #require(try Self.cases().first { $0.name == name })
    let error = #expect(throws: (any Error).self) {
      try Tokenizer(tokenizerJSON: Array(one.text.utf8), source: "t.json")
    }
    let attuneError = try #require(error as? any AttuneError)
    #expect(attuneError.description.contains(message), "\(attuneError)")
  }
}
