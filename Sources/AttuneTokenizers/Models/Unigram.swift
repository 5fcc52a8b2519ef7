// SPDX-License-Identifier: Apache-2.0

/// Cuts a word into the pieces whose scores sum highest (Kudo 2018, "Subword Regularization", section
/// 3.2), as SentencePiece does.
public struct Unigram: Sendable {
  /// The pieces with their ids; of equal ones the last is found.
  public let vocabulary: Vocabulary
  /// The logarithm of the probability of each piece.
  public let scores: [Double]
  /// The id of what no piece is for.
  public let unknownID: Int32
  /// Whether what no piece is for is written as bytes, `<0x00>` to `<0xFF>`, where these are pieces.
  public let fallsBackToBytes: Bool
  /// Whether scores are summed in 32 bits, as SentencePiece itself does.
  let sumsSingles: Bool

  /// What the search adds up.
  private let addends: [Double]
  private let unknownScore: Double
  private var trie: PieceTrie
  /// The ids of the 256 bytes, or nothing where one has none or they are not used.
  private let byteIDs: [Int32?]

  /// How much worse than the worst piece an unknown scalar is.
  private static let unknownPenalty = 10.0

  /// Makes a model; the scores are as many as the pieces and the unknown id is among them.
  public init(
    vocabulary: Vocabulary, scores: [Double], unknownID: Int32, fallsBackToBytes: Bool = false
  ) {
    self.init(
      vocabulary: vocabulary, scores: scores, unknownID: unknownID,
      fallsBackToBytes: fallsBackToBytes, sumsSingles: false)
  }

  init(
    vocabulary: Vocabulary, scores: [Double], unknownID: Int32, fallsBackToBytes: Bool,
    sumsSingles: Bool
  ) {
    precondition(scores.count == vocabulary.count && vocabulary.indices.contains(unknownID))
    self.sumsSingles = sumsSingles
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknownID = unknownID
    self.fallsBackToBytes = fallsBackToBytes
    addends = sumsSingles ? scores : scores.map(DecimalScore.asRead)
    unknownScore = (addends.min() ?? 0) - Self.unknownPenalty
    byteIDs = (0..<256).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return fallsBackToBytes
        ? vocabulary.id(of: "<0x\(digits.count == 1 ? "0" : "")\(digits)>") : nil
    }
    trie = PieceTrie(vocabulary)
    markWholePieces()
  }

  /// Notes which pieces stand for their own text, so that words that are pieces need no search.
  private mutating func markWholePieces() {
    var pieces = PieceList(tracksRanges: false)
    var whole: [Int] = []
    for id in vocabulary.indices {
      vocabulary[id].withUnsafeBufferPointer { piece in
        guard !piece.isEmpty, let unit = trie.unit(of: piece), trie.units[unit].id == id else {
          return
        }
        pieces.truncate(to: 0)
        appendPieces(of: 0..<piece.count, in: piece, to: &pieces)
        if pieces.ids == [id] { whole.append(unit) }
      }
    }
    for unit in whole { trie.markWhole(unit) }
  }

  /// The best way to a place in the word.
  private struct Step {
    var score: Double
    /// Where the last piece begins, or -1 while no way leads here; later, where the next one ends.
    var link: Int32
    var id: Int32
  }

  /// Words up to this many bytes are searched without asking for memory.
  private static let shortWord = 1000

  /// Appends the pieces of one word.
  @inline(__always)
  func appendPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to pieces: inout PieceList
  ) {
    guard !word.isEmpty else { return }
    let text = UnsafeBufferPointer(rebasing: bytes[word])
    if let unit = trie.unit(of: text), trie.units[unit].isWhole {
      return pieces.append(trie.units[unit].id, word)
    }
    search(text, at: word.lowerBound, to: &pieces)
  }

  private func search(
    _ text: UnsafeBufferPointer<UInt8>, at start: Int, to pieces: inout PieceList
  ) {
    // Links are of 32 bits; a word of two gigabytes is nothing that a piece is for.
    guard text.count < Int(Int32.max) else {
      return pieces.append(unknownID, start..<start + text.count)
    }
    let count = text.count + 1
    if count <= Self.shortWord {
      withUnsafeTemporaryAllocation(of: Step.self, capacity: count) { steps in
        findBestPath(of: text, steps)
        append(text, steps, at: start, to: &pieces)
      }
    } else {
      let steps = UnsafeMutableBufferPointer<Step>.allocate(capacity: count)
      defer { steps.deallocate() }
      findBestPath(of: text, steps)
      append(text, steps, at: start, to: &pieces)
    }
  }

  /// Fills in the best way to each place, from the first to the last.
  ///
  /// Of ways with equal scores the one found first is kept: that of the earliest beginning.
  private func findBestPath(
    of text: UnsafeBufferPointer<UInt8>, _ steps: UnsafeMutableBufferPointer<Step>
  ) {
    steps.initialize(repeating: Step(score: 0, link: -1, id: 0))
    let sumsSingles = sumsSingles
    func offer(_ end: Int, _ sum: Double, _ start: Int, _ id: Int32) {
      // The sum of two numbers of 32 bits is exact in 64, or rounded where another rounding does not matter.
      let score = sumsSingles ? Double(Float(sum)) : sum
      if steps[end].link < 0 || score > steps[end].score {
        steps[end] = Step(score: score, link: Int32(truncatingIfNeeded: start), id: id)
      }
    }
    trie.units.withUnsafeBufferPointer { units in
      addends.withUnsafeBufferPointer { addends in
        var start = 0
        while start < text.count {
          let scoreBefore = steps[start].score
          let next = start + UTF8Scalars.length(ofLead: text[start])
          var node = 0
          var end = start
          var coversScalar = false
          while end < text.count {
            node = units[node].base ^ Int(text[end])
            let unit = units[node]
            guard unit.isReached(by: text[end]) else { break }
            end += 1
            guard unit.id >= 0 else { continue }
            offer(end, addends[Int(unit.id)] + scoreBefore, start, unit.id)
            if end == next { coversScalar = true }
          }
          if !coversScalar { offer(next, unknownScore + scoreBefore, start, unknownID) }
          start = next
        }
      }
    }
  }

  /// Appends the pieces of the best way to the end; unknown ones side by side become one.
  private func append(
    _ text: UnsafeBufferPointer<UInt8>, _ steps: UnsafeMutableBufferPointer<Step>, at offset: Int,
    to pieces: inout PieceList
  ) {
    var (place, next) = (text.count, 0)
    while place > 0 {
      let start = Int(steps[place].link)
      steps[place].link = Int32(truncatingIfNeeded: next)
      (place, next) = (start, place)
    }
    var (start, unknownStart) = (0, -1)
    while start < text.count {
      let (end, id) = (next, steps[next].id)
      if id == unknownID {
        if unknownStart < 0 { unknownStart = start }
      } else {
        if unknownStart >= 0 { appendUnknown(unknownStart..<start, of: text, offset, &pieces) }
        unknownStart = -1
        pieces.append(id, offset + start..<offset + end)
      }
      next = Int(steps[end].link)
      start = end
    }
    if unknownStart >= 0 { appendUnknown(unknownStart..<start, of: text, offset, &pieces) }
  }

  private func appendUnknown(
    _ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>, _ offset: Int,
    _ pieces: inout PieceList
  ) {
    let place = offset + range.lowerBound..<offset + range.upperBound
    let unknown = UnsafeBufferPointer(rebasing: text[range])
    // Unknown scalars side by side may be a piece that lost against them.
    if let id = vocabulary.id(of: unknown) { return pieces.append(id, place) }
    if fallsBackToBytes, unknown.allSatisfy({ byteIDs[Int($0)] != nil }) {
      for byte in unknown { pieces.append(byteIDs[Int(byte)] ?? unknownID, place) }
    } else {
      pieces.append(unknownID, place)
    }
  }
}

extension Unigram: Equatable {
  /// Returns whether both hold the same pieces and scores and treat unknown text alike.
  public static func == (left: Unigram, right: Unigram) -> Bool {
    left.unknownID == right.unknownID && left.fallsBackToBytes == right.fallsBackToBytes
      && left.scores == right.scores && left.vocabulary == right.vocabulary
  }
}
