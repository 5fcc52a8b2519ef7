// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Hides tokens that a model is to guess (Devlin et al. 2019, section 3.1), anew each time that a text is seen (Liu et al. 2019,
/// section 4.1).
///
/// Each word, or token, is chosen with the probability `rate` on its own; where none is, the one of the lowest draw is. What is
/// drawn depends on the key and the place of the token alone.
public struct TokenMasking: Sendable {
  /// How much is hidden, and how.
  public struct Settings: Sendable, Hashable, Codable {
    /// Share of the tokens that are to be guessed: BERT's 0.15 suits small encoders; larger ones learn better with 0.3 or 0.4
    /// (Wettig et al. 2023).
    public var rate: Float
    /// Share of these that the mask token replaces.
    public var maskShare: Float
    /// Share of these that a random token replaces; the rest is left as it is, since no token is a mask in use.
    public var randomShare: Float
    /// Whether all tokens of a word are chosen together.
    public var wholeWords: Bool

    /// Settings; the defaults are BERT's.
    public init(
      rate: Float = 0.15, maskShare: Float = 0.8, randomShare: Float = 0.1,
      wholeWords: Bool = false
    ) {
      (self.rate, self.maskShare) = (rate, maskShare)
      (self.randomShare, self.wholeWords) = (randomShare, wholeWords)
    }
  }

  /// How much is hidden, and how.
  public let settings: Settings
  private let maskID: Int32
  private let isSpecial: [Bool]
  private let continuesWord: [Bool]
  /// What a random token is drawn from.
  private let ordinaryIDs: [Int32]

  /// Masking for a vocabulary.
  ///
  /// - Parameters:
  ///   - isSpecial: By id, whether a token is never hidden and never drawn.
  ///   - continuesWord: By id, whether a token belongs to the word of the token before it.
  public init(_ settings: Settings, maskID: Int32, isSpecial: [Bool], continuesWord: [Bool]) {
    precondition(
      isSpecial.count == continuesWord.count,
      "tables of two vocabularies: \(isSpecial.count), \(continuesWord.count)")
    precondition(isSpecial.contains(false), "a vocabulary of special tokens alone")
    (self.settings, self.maskID) = (settings, maskID)
    (self.isSpecial, self.continuesWord) = (isSpecial, continuesWord)
    ordinaryIDs = isSpecial.indices.filter { !isSpecial[$0] }.map { Int32($0) }
  }

  /// Places of a sequence that are to be guessed, and what stood there.
  public struct Choice: Sendable, Equatable {
    /// Rising places in the sequence.
    public var places: [Int] = []
    /// The tokens that stood there.
    public var targets: [Int32] = []
  }

  /// Hides tokens of a sequence; returns what is to be guessed, which is nothing only where all tokens are special.
  public func hide(in ids: inout [Int32], key: RandomKey) -> Choice {
    let (draws, replacements) = (key.place(0), key.place(1))
    var choice = Choice()
    var lowest: (draw: Float, range: Range<Int>)?
    var position = 0
    while position < ids.count {
      let unit = unit(at: position, in: ids)
      position = unit.upperBound
      guard !isSpecial[Int(ids[unit.lowerBound])] else { continue }
      let draw = draws.uniform(at: UInt64(unit.lowerBound))
      if draw < settings.rate {
        choice.places += unit
      } else if choice.places.isEmpty, draw < lowest?.draw ?? 1 {
        lowest = (draw, unit)
      }
    }
    if choice.places.isEmpty, let lowest { choice.places += lowest.range }
    choice.targets = choice.places.map { ids[$0] }
    for place in choice.places { replace(&ids[place], replacements, at: place) }
    return choice
  }

  /// The tokens from a place on that are chosen together.
  private func unit(at start: Int, in ids: [Int32]) -> Range<Int> {
    var end = start + 1
    guard settings.wholeWords, !isSpecial[Int(ids[start])] else { return start..<end }
    while end < ids.count, continuesWord[Int(ids[end])], !isSpecial[Int(ids[end])] { end += 1 }
    return start..<end
  }

  private func replace(_ id: inout Int32, _ key: RandomKey, at place: Int) {
    let draw = key.uniform(at: UInt64(2 * place))
    if draw < settings.maskShare {
      id = maskID
    } else if draw < settings.maskShare + settings.randomShare {
      let wide = UInt64(key.word(at: UInt64(2 * place + 1))) * UInt64(ordinaryIDs.count)
      id = ordinaryIDs[Int(wide >> 32)]
    }
  }
}
