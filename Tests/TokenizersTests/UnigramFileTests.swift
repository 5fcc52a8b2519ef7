// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("A malformed Unigram tokenizer is refused with its key")
struct UnigramFileTests {
  static let sound = """
    {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
     "normalizer": {"type": "Sequence", "normalizers": [
       {"type": "Precompiled", "precompiled_charsmap": "\(soundCharsmap)"},
       {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
     "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
       "split": true},
     "post_processor": null,
     "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
     "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
       "vocab": [["<unk>", 0.0], ["▁", -1.5], ["a", -2.0], ["▁a", -2.5]]}}
    """

  /// One rule: `a` becomes `b`.
  static let soundCharsmap: String = {
    var units = [UInt32](repeating: 0x8000_0000, count: 256)
    units[0] = 1 << 10
    units[0x60] = 0x61 | 0x100 | (0x60 ^ 0x80) << 10
    units[0x80] = 0x8000_0000
    return charsmap(units, "b\0")
  }()

  static func charsmap(_ units: [UInt32], _ replacements: String) -> String {
    let words = [UInt32(4 * units.count)] + units
    let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    return Base64.encode(bytes + Array(replacements.utf8))
  }

  static let damages: [TokenizerFileTests.Damage] = [
    .init("\"unk_id\": 0", "\"unk_id\": 4", "model.unk_id: found the integer 4"),
    .init("\"unk_id\": 0", "\"unk_id\": -1", "model.unk_id: found the integer -1"),
    .init("\"unk_id\": 0", "\"unk_id\": null", "model.unk_id: found null, expected an integer"),
    .init("\"unk_id\": 0, ", "", "model.unk_id: missing"),
    .init("[\"▁a\", -2.5]", "[\"▁a\"]", "entry 3: expected an array of a piece and its score."),
    .init("[\"▁a\", -2.5]", "[\"▁a\", \"-2.5\"]", "entry 3: expected"),
    .init("[\"▁a\", -2.5]", "[7, -2.5]", "entry 3: expected"),
    .init("[\"▁a\", -2.5]", "[\"▁a\", 1e999]", "1e999 does not fit a double"),
    .init("[\"▁a\", -2.5]", "[\"▁a\", NaN]", "found 'N'"),
    .init(
      "[[\"<unk>\", 0.0], [\"▁\", -1.5], [\"a\", -2.0], [\"▁a\", -2.5]]", "[]",
      "model.vocab: 0 pieces"),
    .init("\"byte_fallback\": false", "\"fuse_unk\": false", "unknown key 'fuse_unk'"),
    .init(soundCharsmap, "AAA", "is not valid base64"),
    .init(soundCharsmap, "", "takes 4 bytes, but only 0 are there"),
    .init(soundCharsmap, "AAAAAA==", "expected an array of at least one unit"),
    .init(soundCharsmap, "/////w==", "takes 4294967292 bytes, but only 0 are there"),
    .init(soundCharsmap, charsmap([0x100 | 0x3FF << 10], "b\0"), "unit 0 of the array leads to"),
    .init(soundCharsmap, charsmap([0x100 | 1 << 10, 9], "b\0"), "unit 1 of the array leads to 9"),
    .init(soundCharsmap, charsmap([0x100 | 1 << 10, 1], "é\0"), "unit 1 of the array leads to 1"),
    .init("{\"Regex\": \" {2,}\"}", "{\"Regex\": \"(a+)+\"}", "'(a+)+' is not supported"),
    .init("{\"Regex\": \" {2,}\"}", "{\"String\": \"\"}", "found an empty text"),
    .init("{\"Regex\": \" {2,}\"}", "{}", "pattern.String: missing"),
    .init(
      "\"replacement\": \"▁\", \"prepend_scheme\": \"always\",\n",
      "\"replacement\": \"\", \"prepend_scheme\": \"always\",\n",
      "pre_tokenizer.replacement: found '', expected a single character."),
    .init(
      "\"replacement\": \"▁\", \"prepend_scheme\": \"always\",\n",
      "\"replacement\": \"▁▁\", \"prepend_scheme\": \"always\",\n", "found '▁▁'"),
    .init(
      "\"prepend_scheme\": \"always\",\n",
      "\"prepend_scheme\": \"always\", \"add_prefix_space\": false,\n",
      "add_prefix_space: found false beside the prepend_scheme 'always'"),
    .init(
      "\"prepend_scheme\": \"always\",\n", "\"prepend_scheme\": \"sometimes\",\n", "'sometimes'"),
  ]

  @Test("Each kind of damage has its message", arguments: damages)
  func damage(_ damage: TokenizerFileTests.Damage) throws {
    let damaged = Self.sound.replacing(damage.from, with: damage.to)
    #expect(damaged != Self.sound)
    do {
      _ = try Tokenizer(tokenizerJSON: Array(damaged.utf8))
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(damage.message), "\(error)")
    }
  }

  @Test("The sound file is read, and its rule is used")
  func sound() throws {
    let tokenizer = try Tokenizer(tokenizerJSON: Array(Self.sound.utf8))
    #expect(tokenizer.normalizer?.normalize("xa  a") == "xb b")
    #expect(tokenizer.encodeIDs("a") == [1, 0])
  }

  @Test("A map whose units lead in circles or away ends with the text")
  func circles() throws {
    // Every unit is a label that leads back to itself or far out.
    for far in [0, 0x1F_FFFF] {
      let units = (0..<256).map { UInt32($0) | UInt32($0 ^ far) << 10 }
      let file = Self.sound.replacing(Self.soundCharsmap, with: Self.charsmap(units, "b\0"))
      let tokenizer = try Tokenizer(tokenizerJSON: Array(file.utf8))
      #expect(tokenizer.normalizer?.normalize("aé👩‍👧") == "aé👩‍👧")
    }
  }

  @Test("Maps damaged anywhere are refused or used, never more")
  func mutations() throws {
    let bytes = try #require(Base64.decode(Self.soundCharsmap))
    var generator = SplitMix(seed: 5)
    for _ in 0..<300 {
      let damaged = mutated(bytes, favouring: [0, 0xFF, 0x61, 0x80], with: &generator)
      let file = Self.sound.replacing(Self.soundCharsmap, with: Base64.encode(damaged))
      guard let tokenizer = try? Tokenizer(tokenizerJSON: Array(file.utf8)) else { continue }
      _ = tokenizer.encode("a café\r\n — 日本 e\u{301}\0")
    }
  }
}
