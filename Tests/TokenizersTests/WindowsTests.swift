// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Long texts become windows")
struct WindowsTests {
  let tokenizer: Tokenizer

  init() throws { tokenizer = try Tokenizer(contentsOf: WordPieceGolden.tokenizerPath) }

  private struct Case {
    let text: String
    let pair: String?
    let windowing: Windowing
    let tokenCount: Int
    let windows: [JSONField]
  }

  private func cases() throws -> [Case] {
    let golden = try InputFile.json(of: Golden.path("Tokenizers/windows.json"))
    return try golden.fields(at: "cases").map { json in
      let pair = try json.optionalString(at: "pair")
      let length = try json.integer(at: "length")
      let text = try json.string(at: "text")
      // What slides is the longer text; the shorter one takes its room in each window.
      let whole = try pair.map { pair in
        try #require([text, pair].map { tokenizer.encode($0).ids.count - 2 }.min())
      }
      let room = length - tokenizer.specialTokenCount(forPair: pair != nil) - (whole ?? 0)
      return Case(
        text: text, pair: pair,
        windowing: Windowing(length: length, stride: room - (try json.integer(at: "shared"))),
        tokenCount: try json.integer(at: "tokens"), windows: try json.fields(at: "windows"))
    }
  }

  @Test("All but the last are the overflowing parts of the tokenizers package")
  func equalsReference() throws {
    for test in try cases() {
      let windows = tokenizer.encodeWindows(test.text, pair: test.pair, test.windowing)
      #expect(windows.count == test.windows.count)
      for (window, expected) in zip(windows, test.windows.dropLast()) {
        #expect(try window.ids == expected.integers(at: "ids").map { Int32($0) })
        #expect(try window.segments == expected.integers(at: "segments").map { UInt8($0) })
        let offsets = window.offsets.map { [$0.lowerBound, $0.upperBound] }
        #expect(offsets == (try expected.fields(at: "offsets").map { try $0.integers() }))
      }
      #expect(windows.truncatedCount == 0)
      #expect(windows.pieceCount + windows[0].isSpecial.count { $0 } == test.tokenCount)
    }
  }

  @Test("The last window is as long as the others and ends with the text")
  func alignsTheLast() throws {
    for test in try cases() where test.windows.count > 1 {
      let windows = tokenizer.encodeWindows(test.text, pair: test.pair, test.windowing)
      let last = try #require(windows.last)
      #expect(last.ids.count == test.windowing.length && windows.windowLength == last.ids.count)
      let whole = tokenizer.encode(test.text, pair: test.pair)
      if test.pair == nil {
        #expect(last.ids.dropFirst() == whole.ids.suffix(test.windowing.length - 1))
      }
      let longer = test.pair.map { $0.utf8.count > test.text.utf8.count ? $0 : test.text }
      let end = (longer ?? test.text).utf8.count
      #expect(last.offsets.map(\.upperBound).max() == end)
    }
  }

  @Test("Every token stands in a window, whatever length and stride")
  func coversAll() {
    let text = (0..<41).map { "word\($0)" }.joined(separator: " ")
    let count = tokenizer.encodeIDs(text).count - 2
    for length in [3, 4, 7, 20, count + 1, count + 2, 500] {
      for stride in [1, 2, 5, 19, 400] {
        let windows = tokenizer.encodeWindows(
          text, Windowing(length: length, stride: stride), tracksOffsets: false)
        var covered = Set<Int>()
        for index in windows.indices { covered.formUnion(windows.range(ofWindow: index)) }
        #expect(covered == Set(0..<count), "\(length) \(stride)")
        #expect(windows.allSatisfy { $0.ids.count == min(length, count + 2) })
        #expect(windows.allSatisfy { $0.offsets.count == $0.ids.count })
      }
    }
  }

  @Test("A text that fits is one window, equal to its encoding")
  func keepsShortTexts() {
    for (text, pair) in [("", nil), ("a film", nil), ("a film", "a story"), ("", "")] {
      let windows = tokenizer.encodeWindows(text, pair: pair, Windowing(length: 32))
      #expect(Array(windows) == [tokenizer.encode(text, pair: pair)])
    }
  }

  @Test("Of two long texts the shorter one is cut to half a window, and the rest is counted")
  func cutsLongPairs() {
    let (short, long) = (String(repeating: "a ", count: 30), String(repeating: "the ", count: 90))
    let windows = tokenizer.encodeWindows(short, pair: long, Windowing(length: 23, stride: 5))
    #expect(windows.truncatedCount == 20)
    #expect(windows.pieceCount == 120)
    #expect(windows.allSatisfy { $0.ids.count == 23 && $0.segments.count { $0 == 0 } == 12 })
    #expect(windows.map(\.truncatedCount).reduce(0, +) == 20)
  }
}
