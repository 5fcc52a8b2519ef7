// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import AttuneTraining
import Testing

@Suite("Hidden tokens")
struct TokenMaskingTests {
  /// Ids 0 to 4 are special, 4 is the mask; of the others every third continues a word.
  static let vocabularySize = 50
  static let isSpecial = (0..<vocabularySize).map { $0 < 5 }
  static let continues = (0..<vocabularySize).map { $0 > 5 && $0.isMultiple(of: 3) }

  func masking(_ settings: TokenMasking.Settings = .init()) -> TokenMasking {
    TokenMasking(settings, maskID: 4, isSpecial: Self.isSpecial, continuesWord: Self.continues)
  }

  /// Random tokens between special ones.
  func text(_ seed: Int, length: Int = 100) -> [Int32] {
    let key = RandomKey(seed: UInt64(seed)).place(9)
    let ids = (0..<length).map { Int32(5 + key.word(at: UInt64($0)) % 45) }
    return [2] + ids + [3] + ids + [3, 1]
  }

  /// How far a share lies from what is expected, in standard deviations of a binomial distribution.
  func deviation(_ hits: Int, of count: Int, from share: Double) -> Double {
    abs(Double(hits) - share * Double(count)) / (Double(count) * share * (1 - share)).squareRoot()
  }

  @Test("As many tokens are chosen as the rate says", arguments: [Float(0.15), 0.4])
  func rate(_ rate: Float) {
    let masking = masking(.init(rate: rate))
    var (chosen, ordinary) = (0, 0)
    for seed in 0..<400 {
      var ids = text(seed)
      chosen += masking.hide(in: &ids, key: RandomKey(seed: UInt64(seed))).places.count
      ordinary += 200
    }
    #expect(deviation(chosen, of: ordinary, from: Double(rate)) < 4)
  }

  @Test("Of the chosen tokens 80 % become masks, 10 % random tokens and 10 % stay")
  func split() {
    let masking = masking()
    var counts = (masks: 0, random: 0, kept: 0)
    var drawn = [Int](repeating: 0, count: Self.vocabularySize)
    for seed in 0..<1_000 {
      var ids = text(seed)
      let choice = masking.hide(in: &ids, key: RandomKey(seed: UInt64(seed)))
      for (place, target) in zip(choice.places, choice.targets) {
        switch ids[place] {
        case 4: counts.masks += 1
        case target: counts.kept += 1
        case let other:
          counts.random += 1
          drawn[Int(other)] += 1
        }
      }
    }
    let total = counts.masks + counts.random + counts.kept
    #expect(deviation(counts.masks, of: total, from: 0.8) < 4)
    // One random token in 45 is the one that stood there.
    #expect(deviation(counts.random, of: total, from: 0.1 * 44 / 45) < 4)
    #expect(drawn[..<5].allSatisfy { $0 == 0 }, "special tokens are not drawn")
    for count in drawn[5...] {
      #expect(deviation(count, of: counts.random, from: 1 / 45) < 5)
    }
  }

  @Test("Special tokens are never chosen, and what is not chosen stays")
  func keepsSpecial() {
    for wholeWords in [false, true] {
      let masking = masking(.init(rate: 0.9, wholeWords: wholeWords))
      for seed in 0..<100 {
        let original = text(seed)
        var ids = original
        let choice = masking.hide(in: &ids, key: RandomKey(seed: UInt64(seed)))
        #expect(choice.places.allSatisfy { !Self.isSpecial[Int(original[$0])] })
        #expect(choice.targets == choice.places.map { original[$0] })
        #expect(choice.places == choice.places.sorted())
        let chosen = Set(choice.places)
        #expect(ids.indices.allSatisfy { chosen.contains($0) || ids[$0] == original[$0] })
      }
    }
  }

  @Test("Whole words are hidden whole, as often as the rate says")
  func wholeWords() {
    let masking = masking(.init(wholeWords: true))
    var (words, chosenWords) = (0, 0)
    for seed in 0..<500 {
      let original = text(seed)
      var ids = original
      let chosen = Set(masking.hide(in: &ids, key: RandomKey(seed: UInt64(seed))).places)
      for place in original.indices where !Self.isSpecial[Int(original[place])] {
        let continues =
          Self.continues[Int(original[place])] && !Self.isSpecial[Int(original[place - 1])]
        if continues {
          #expect(chosen.contains(place) == chosen.contains(place - 1))
        } else {
          words += 1
          chosenWords += chosen.contains(place) ? 1 : 0
        }
      }
    }
    #expect(deviation(chosenWords, of: words, from: 0.15) < 4)
  }

  @Test("A short text has a token to be guessed, one of special tokens alone has none")
  func shortTexts() {
    let masking = masking()
    var hidden = [0, 0]
    for seed in 0..<400 {
      var ids: [Int32] = [2, 7, 8, 3]
      let choice = masking.hide(in: &ids, key: RandomKey(seed: UInt64(seed)))
      #expect(!choice.places.isEmpty)
      for place in choice.places { hidden[place - 1] += 1 }
    }
    #expect(abs(hidden[0] - hidden[1]) < 80, "both come equally often: \(hidden)")
    var special: [Int32] = [2, 3]
    #expect(masking.hide(in: &special, key: RandomKey(seed: 1)).places.isEmpty)
    #expect(special == [2, 3])
  }

  @Test("The same key hides the same, another key something else")
  func isDeterministic() {
    let masking = masking()
    var (first, second, third) = (text(1), text(1), text(1))
    let choice = masking.hide(in: &first, key: RandomKey(seed: 5))
    #expect(masking.hide(in: &second, key: RandomKey(seed: 5)) == choice)
    #expect(first == second)
    #expect(masking.hide(in: &third, key: RandomKey(seed: 6)) != choice)
  }
}
