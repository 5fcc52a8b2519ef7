// SPDX-License-Identifier: Apache-2.0

import AttuneTokenizers
import Testing

@Suite("Texts made to take long")
struct HostileTextTests {
  /// One thing again and again, 100,000 characters of it: so many that the square of the number takes far longer than the test allows.
  private static let texts: [String] = {
    let things = [
      "a", "\u{301}", "\u{301}\u{316}\u{345}\u{327}\u{334}", " ", "\u{3000} \t", "<", "<mask",
      "[MASK]", "#", "!", "\u{2581}", "\0", "\r\n", "漢", "\u{1100}\u{1161}\u{11A8}",
      "\u{1F469}\u{200D}",
      "\u{1F1EB}", "a\u{301}b ",
    ]
    return things.map { String(repeating: $0, count: 100_000 / $0.unicodeScalars.count) }
  }()

  @Test(
    "A hundred thousand of whatever character are encoded in less than two seconds",
    arguments: ["WordPiece", "byte pairs", "Unigram"])
  func bounded(kind: String) throws {
    let tokenizers =
      switch kind {
      case "WordPiece": try [WordPieceGolden.tokenizers()[0], WordPieceGolden.tokenizers()[4]]
      case "byte pairs": try [BytePairGolden.tokenizers()[0]]
      // With a map of characters, and with normal forms of which one takes accents away.
      default: try Array(UnigramGolden.tokenizers().prefix(2))
      }
    let clock = ContinuousClock()
    for tokenizer in tokenizers {
      for text in Self.texts {
        let time = clock.measure { _ = tokenizer.encode(text) }
        let shown = String(text.unicodeScalars.prefix(5).map(Character.init)).debug
        #expect(time < .seconds(2), "\(shown): \(time)")
      }
    }
  }

  @Test("A million letters are one unknown word of WordPiece, in less than two seconds")
  func longWord() throws {
    let tokenizer = try WordPieceGolden.tokenizers()[0]
    var ids: [Int32] = []
    let time = ContinuousClock().measure {
      ids = tokenizer.encodeIDs(String(repeating: "a", count: 1_000_000))
    }
    let parts = [tokenizer.classificationID, tokenizer.unknownID, tokenizer.separatorID]
    #expect(ids == parts.compactMap { $0 } && time < .seconds(2), "\(time)")
  }
}
