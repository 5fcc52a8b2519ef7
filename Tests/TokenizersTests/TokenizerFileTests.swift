// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("A malformed tokenizer.json is refused with its key")
struct TokenizerFileTests {
  static let sound = """
    {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
      {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
       "normalized": false, "special": true}],
     "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
       "strip_accents": null, "lowercase": true},
     "pre_tokenizer": {"type": "BertPreTokenizer"},
     "post_processor": {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                  {"Sequence": {"id": "A", "type_id": 0}}],
       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
       "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}},
     "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
     "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
       "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "[CLS]": 1, "a": 2, "##b": 3}}}
    """

  /// What is replaced by what, and what the message says about it.
  struct Damage: CustomTestStringConvertible, Sendable {
    let from: String
    let to: String
    let message: String
    var testDescription: String { message }

    init(_ from: String, _ to: String, _ message: String) {
      (self.from, self.to, self.message) = (from, to, message)
    }
  }

  static let damages: [Damage] = [
    Damage("\"1.0\"", "\"2.0\"", "version: found '2.0', expected '1.0'."),
    Damage("\"version\": \"1.0\", ", "", "version: missing, expected a string."),
    Damage("{\"version\"", "{\"zzz\": 1, \"version\"", "unknown key 'zzz'."),
    Damage(
      "\"BertNormalizer\"", "\"BertNormaliser\"",
      "normalizer.type: 'BertNormaliser' is not supported. Supported: BertNormalizer, "),
    Damage(
      "\"BertPreTokenizer\"", "\"UnicodeScripts\"",
      "pre_tokenizer.type: 'UnicodeScripts' is not supported. Supported: BertPreTokenizer, "),
    Damage(
      "\"model\": {\"type\": \"WordPiece\"", "\"model\": {\"type\": \"WordLevel\"",
      "model.type: 'WordLevel' is not supported. Supported: BPE, "),
    Damage(
      "\"model\": {\"type\": \"WordPiece\", ", "\"model\": {",
      "model.type: missing, expected a string."
    ),
    Damage(
      "{\"type\": \"TemplateProcessing\"", "{\"type\": \"NoProcessing\"",
      "post_processor.type: 'NoProcessing' is not supported."),
    Damage("\"decoder\": {\"type\": \"WordPiece\"", "\"decoder\": {\"type\": \"CTC\"", "'CTC'"),
    Damage(
      "\"##b\": 3", "\"##b\": 2", "model.vocab: the tokens 'a' and '##b' have the same id 2."),
    Damage(
      "\"##b\": 3", "\"##b\": 7",
      "model.vocab: the token '##b' has the id 7, expected an integer from 0 to 3: "
        + "ids run without gaps."),
    Damage("\"##b\": 3", "\"##b\": -1", "has the id -1"),
    Damage("\"##b\": 3", "\"##b\": 4294967296", "has the id 4294967296"),
    Damage("\"##b\": 3", "\"##b\": 1e30", "has the id 1e+30"),
    Damage("\"##b\": 3", "\"##b\": 3.0", "has the id 3.0"),
    Damage("\"##b\": 3", "\"##b\": null", "has the id null"),
    Damage("\"##b\": 3", "\"\": 3", "the token with the id 3 has 0 bytes"),
    Damage("\"##b\": 3", "\"a\": 3", "the key 'a' is given twice in one object"),
    Damage(
      "\"unk_token\": \"[UNK]\"", "\"unk_token\": \"<unk>\"",
      "model.unk_token: '<unk>' is not among the 4 tokens of model.vocab."),
    Damage(
      "\"max_input_chars_per_word\": 100", "\"max_input_chars_per_word\": 0",
      "model.max_input_chars_per_word"),
    Damage(
      "{\"id\": 1, \"content\": \"[CLS]\"", "{\"id\": 2, \"content\": \"[CLS]\"",
      "added_tokens[0].id: '[CLS]' has the id 2 here and 1 in model.vocab."),
    Damage(
      "\"content\": \"[CLS]\"", "\"content\": \"[X]\"",
      "added_tokens[0].id: '[X]' has the id 1, which is '[CLS]' in model.vocab."),
    Damage(
      "{\"id\": 1, \"content\": \"[CLS]\"", "{\"id\": 9, \"content\": \"[X]\"",
      "added_tokens[0].id: found 9, expected 4: new tokens continue the ids without gaps."),
    Damage("\"lstrip\": false, ", "", "added_tokens[0].lstrip: missing, expected true or false."),
    Damage("\"single_word\": false", "\"single_word\": 0", "added_tokens[0].single_word"),
    Damage(
      "{\"SpecialToken\": {\"id\": \"[CLS]\"", "{\"SpecialToken\": {\"id\": \"[SEP]\"",
      "post_processor.single[0].SpecialToken.id: '[SEP]' is missing from special_tokens. "
        + "There: '[CLS]'."),
    Damage("\"ids\": [1]", "\"ids\": [3]", "neither in model.vocab nor in added_tokens"),
    Damage("\"ids\": [1]", "\"ids\": []", "0 ids and 1 tokens"),
    Damage(
      "[{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"B\", \"type_id\": 1}}]",
      "[{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}]", "post_processor.pair: expected A and B"),
    Damage("\"type_id\": 1", "\"type_id\": 256", "an integer from 0 to 255"),
    Damage(
      "\"truncation\": null",
      "\"truncation\": {\"max_length\": 2, \"stride\": 5, \"strategy\": \"LongestFirst\"}",
      "truncation.stride: found 5, expected an integer from 0 to 1"),
    Damage("\"truncation\": null", "\"truncation\": {\"max_length\": 0}", "truncation.max_length"),
    Damage("{\"version\"", "\u{FEFF}{\"version\"", "byte order mark"),
    Damage(sound, "", "found the end of the file, expected a value"),
    Damage(sound, "[]", "found an array of 0, expected an object"),
  ]

  @Test("It names file, key, what is there and what is expected", arguments: damages)
  func refusals(damage: Damage) throws {
    let parts = Self.sound.split(
      separator: damage.from, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "the damage fits nowhere")
    let text = parts[0] + damage.to + parts[1]
    let error = #expect(throws: (any Error).self) {
      try Tokenizer(tokenizerJSON: Array(text.utf8), source: "t.json")
    }
    let attuneError = try #require(error as? any AttuneError)
    #expect(attuneError.description.contains(damage.message), "\(attuneError)")
    #expect(attuneError.description.hasPrefix("t.json"))
    #expect(attuneError.exitCode == .data)
  }

  @Test("The file without damage is read, with stages missing too")
  func soundFile() throws {
    let tokenizer = try Tokenizer(tokenizerJSON: Array(Self.sound.utf8))
    #expect(tokenizer.encodeIDs("AB a x") == [1, 2, 3, 2, 0])
    var bare = JSONObject([("version", "1.0")])
    bare["model"] = try JSONValue(parsing: Self.sound).objectValue?["model"]
    let plain = try Tokenizer(tokenizerJSON: JSONValue.object(bare).serialized())
    // Without a pre-tokenizer a text is one word, without a decoder tokens are joined by spaces.
    #expect(plain.encodeIDs("ab", pair: "abb") == [2, 3, 2, 3, 3])
    #expect(plain.encode("ab").offsets == [0..<1, 1..<2] && plain.encodeIDs("a b") == [0])
    #expect(plain.decode([2, 3]) == "a ##b")
  }

  @Test("Canonically equal tokens stay apart")
  func canonicalEquivalence() throws {
    let text = Self.sound.replacing("\"##b\": 3", with: "\"\u{E9}\": 3, \"e\u{301}\": 4")
      .replacing("\"lowercase\": true", with: "\"lowercase\": false")
    let tokenizer = try Tokenizer(tokenizerJSON: Array(text.utf8))
    #expect(tokenizer.encodeIDs("\u{E9} e\u{301}") == [1, 3, 4])
  }

  @Test("BertProcessing is the template of BERT")
  func bertProcessing() throws {
    let golden = try InputFile.json(of: WordPieceGolden.tokenizerPath).object()
    var other = golden
    other["post_processor"] = [
      "type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2],
    ]
    let tokenizers = try [golden, other].map {
      try Tokenizer(tokenizerJSON: JSONValue.object($0).serialized())
    }
    #expect(tokenizers[0] == tokenizers[1])
  }

  @Test("4,000 damaged files are read or refused, and what is read encodes")
  func mutations() throws {
    var generator = SplitMix(seed: 3)
    let original = Array(Self.sound.utf8)
    let favoured = Array("{}[]\",:0123456789-.eEtfn\\#\u{E9}".utf8)
    var readCount = 0
    for _ in 0..<4000 {
      let bytes = mutated(original, favouring: favoured, with: &generator)
      do {
        let tokenizer = try Tokenizer(tokenizerJSON: bytes)
        readCount += 1
        let encoding = tokenizer.encode("A[CLS]b \u{301}", pair: "b\0a", maximumLength: 5)
        #expect(encoding.ids.count == encoding.offsets.count)
        _ = tokenizer.decode(encoding.ids)
      } catch {
        #expect(error is any AttuneError)
      }
    }
    #expect(readCount > 10)
  }
}
