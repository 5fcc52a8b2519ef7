// SPDX-License-Identifier: Apache-2.0

/// A piece of a word: its id and how many bytes of the text it stands for.
struct BPEPiece {
  var id: Int32
  var length: Int32
}

/// What byte-pair encoding starts from: the characters of a word, or its bytes.
struct FirstPieces: Sendable {
  private let isByteLevel: Bool
  /// The ids of bytes at the four kinds of places of a word, 256 each: alone, first, last, inside;
  /// negative where the vocabulary lacks them, empty where characters are looked up instead.
  private let byteIDs: [Int32]
  private let vocabulary: Vocabulary
  /// The ids of `<0x00>` to `<0xFF>`, negative where they are missing; empty where not wanted.
  private let fallbackIDs: [Int32]
  private let unknownID: Int32?
  private let fusesUnknown: Bool
  private let prefix: [UInt8]
  private let suffix: [UInt8]

  init(_ vocabulary: Vocabulary, _ settings: BPE.Settings) {
    self.vocabulary = vocabulary
    isByteLevel = settings.isByteLevel
    unknownID = settings.unknownToken.flatMap { vocabulary.id(of: $0) }
    fusesUnknown = settings.fusesUnknown
    let (prefix, suffix) = (
      Array(settings.continuingPrefix.utf8), Array(settings.endOfWordSuffix.utf8)
    )
    (self.prefix, self.suffix) = (prefix, suffix)
    let places: [([UInt8], [UInt8])] = [([], suffix), ([], []), (prefix, suffix), (prefix, [])]
    byteIDs =
      settings.isByteLevel
      ? places.flatMap { before, after in
        (UInt8.min...UInt8.max).map { byte in
          (before + ByteAlphabet.utf8(of: byte) + after).withUnsafeBufferPointer {
            vocabulary.id(of: $0) ?? -1
          }
        }
      } : []
    fallbackIDs =
      settings.fallsBackToBytes ? (0..<256).map { vocabulary.id(of: Self.name(of: $0)) ?? -1 } : []
  }

  /// Returns the name of a byte as SentencePiece writes it: `<0x0A>`.
  private static func name(of byte: Int) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
  }

  /// Calls `body` with each piece of a word.
  @inline(__always)
  func forEach(of word: UnsafeBufferPointer<UInt8>, _ body: (BPEPiece) -> Void) {
    var unknown = UnknownRun()
    // Characters that are left out count to the piece after them.
    var skipped = 0
    var position = 0
    while position < word.count {
      let length = isByteLevel ? 1 : UTF8Scalars.length(ofLead: word[position])
      let id = isByteLevel ? byteID(at: position, in: word) : characterID(at: position, in: word)
      if id >= 0 {
        unknown.end(body)
        body(BPEPiece(id: id, length: Int32(length + skipped)))
        skipped = 0
      } else if !appendFallback(of: position..<position + length, in: word, body) {
        if let unknownID {
          unknown.extend(by: length, fusing: fusesUnknown, id: unknownID, body)
        } else {
          skipped += length
        }
      }
      position += length
    }
    unknown.end(body)
  }

  @inline(__always)
  private func byteID(at position: Int, in word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let isLast = position == word.count - 1
    let place = (position == 0 ? 0 : 2) + (isLast ? 0 : 1)
    return byteIDs.withUnsafeBufferPointer { $0[place << 8 | Int(word[position])] }
  }

  private func characterID(at position: Int, in word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let end = position + UTF8Scalars.length(ofLead: word[position])
    let character = word[position..<end]
    guard !prefix.isEmpty || !suffix.isEmpty else {
      return vocabulary.id(of: UnsafeBufferPointer(rebasing: character)) ?? -1
    }
    let token = (position > 0 ? prefix : []) + character + (end == word.count ? suffix : [])
    return token.withUnsafeBufferPointer { vocabulary.id(of: $0) ?? -1 }
  }

  /// Writes a character in tokens for its bytes and returns whether all of them are there.
  private func appendFallback(
    of range: Range<Int>, in word: UnsafeBufferPointer<UInt8>, _ body: (BPEPiece) -> Void
  ) -> Bool {
    guard !fallbackIDs.isEmpty, word[range].allSatisfy({ fallbackIDs[Int($0)] >= 0 }) else {
      return false
    }
    for byte in word[range] { body(BPEPiece(id: fallbackIDs[Int(byte)], length: 1)) }
    return true
  }

  /// Unknown characters that wait for the next known one.
  ///
  /// Tokens of fallback bytes go before them, as in the program that the files come from.
  private struct UnknownRun {
    private var waiting: BPEPiece?

    @inline(__always)
    mutating func extend(by length: Int, fusing: Bool, id: Int32, _ body: (BPEPiece) -> Void) {
      if fusing, let piece = waiting {
        waiting = BPEPiece(id: id, length: piece.length + Int32(length))
      } else {
        end(body)
        waiting = BPEPiece(id: id, length: Int32(length))
      }
    }

    @inline(__always)
    mutating func end(_ body: (BPEPiece) -> Void) {
      if let waiting { body(waiting) }
      waiting = nil
    }
  }
}
