// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import AttuneTraining
import Testing

@Suite("Packed corpora")
struct CorpusPackingTests {
  /// Documents of the given lengths; every token has an id of its own.
  func corpus(_ lengths: [Int]) -> TokenCorpus {
    var corpus = TokenCorpus(vocabularySize: 10_000)
    var next: Int32 = 10
    for length in lengths {
      corpus.append(
        (0..<length).map { _ in
          next += 1
          return next - 1
        })
    }
    return corpus
  }

  func packed(
    _ lengths: [Int], _ packing: CorpusPacking, windowLength: Int
  ) -> PackedCorpus {
    PackedCorpus(
      corpus(lengths), packing: packing, windowLength: windowLength, classificationID: 1,
      separatorID: 2)
  }

  @Test("Ids keep their values in two bytes and in four", arguments: [65_536, 65_537])
  func compactTokens(vocabularySize: Int) {
    var tokens = CompactTokens(vocabularySize: vocabularySize)
    let ids: [Int32] = [0, 1, 32_767, 32_768, 65_535, Int32(vocabularySize - 1)]
    tokens.append(ids)
    tokens.append([7])
    #expect(tokens.count == 7)
    #expect(tokens[0..<7] == ids + [7] && tokens[2..<4] == [32_767, 32_768])
  }

  @Test("A token knows its document")
  func documents() {
    let corpus = corpus([3, 0, 1, 4])
    #expect(corpus.documentCount == 3 && corpus.tokenCount == 8)
    #expect((0..<8).map { corpus.document(at: $0) } == [0, 0, 0, 1, 2, 2, 2, 2])
    #expect(corpus.counts.reduce(0, +) == 8 && corpus.counts[10] == 1)
  }

  @Test("Full windows lie end to end, with a separator between documents")
  func continuous() {
    let packed = packed([5, 2, 9], .continuous, windowLength: 8)
    #expect(
      packed.windows.map { packed.ids(of: $0) } == [
        // A separator and a token of the next document do not find room behind the first one.
        [1, 10, 11, 12, 13, 14, 2],
        [1, 15, 16, 2, 17, 18, 19, 2],
        [1, 20, 21, 22, 23, 24, 25, 2],
      ])
  }

  @Test(
    "Each token stands in one window, in order, and documents end with a separator",
    arguments: CorpusPacking.allCases)
  func completeness(packing: CorpusPacking) {
    let key = RandomKey(seed: 3)
    for trial in 0..<40 {
      let draw = key.place(UInt64(trial))
      let lengths = (0..<12).map { Int(draw.word(at: UInt64($0)) % 30) }
      let packed = packed(lengths, packing, windowLength: 4 + trial % 13)
      let windows = packed.windows
      #expect(windows.flatMap { $0.range } == Array(0..<packed.corpus.tokenCount))
      for window in windows {
        let ids = packed.ids(of: window)
        #expect(ids.count == packed.length(of: window) && ids.count <= packed.windowLength)
        #expect(ids.first == 1 && ids.last == 2 && !ids.dropFirst().contains(1))
        let documents = Set(window.range.map { packed.corpus.document(at: $0) })
        #expect(ids.count(where: { $0 == 2 }) == documents.count)
        if packing == .documents { #expect(documents.count == 1) }
      }
      guard packing == .continuous else { continue }
      // Only where a document ends at the last place is there no room for its neighbour.
      for window in windows.dropLast() {
        let endsDocument =
          packed.corpus.document(at: window.range.upperBound)
          != packed.corpus.document(at: window.range.upperBound - 1)
        #expect(packed.length(of: window) >= packed.windowLength - (endsDocument ? 1 : 0))
      }
    }
  }

  @Test("A long document is cut into parts of like length")
  func evenParts() {
    let packed = packed([100], .documents, windowLength: 34)
    #expect(packed.windows.map(\.range.count) == [25, 25, 25, 25])
  }
}
