// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// What a model file of SentencePiece says (`spiece.model`, `sentencepiece.bpe.model`, `source.spm`).
struct SentencePieceModel {
  /// What a piece is for.
  enum Kind: Int {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  /// How pieces are found; only the first two are read here.
  enum Algorithm: Int {
    case unigram = 1
    case bpe, word, character

    var name: String {
      switch self {
      case .unigram: "Unigram"
      case .bpe: "BPE"
      case .word: "word"
      case .character: "character"
      }
    }
  }

  private(set) var pieces = Vocabulary()
  private(set) var scores: [Double] = []
  private(set) var kinds: [Kind] = []
  private(set) var charsmap: Charsmap?
  private(set) var addsPrefix = true
  private(set) var removesExtraSpaces = true
  private(set) var fallsBackToBytes = false
  private(set) var algorithm = Algorithm.unigram

  /// Reads the bytes of a model; `file` names them in errors.
  init(_ bytes: [UInt8], file: String) throws {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw TokenizerError.fileTooLarge(
        file: file, bytes: bytes.count, limit: TokenizerLimits.fileBytes)
    }
    var reader = ProtobufReader(bytes, source: file)
    while let field = try reader.next() {
      switch field.number {
      case 1: try readPiece(try field.message(), file)
      case 2: try readTrainer(try field.message(), file)
      case 3: try readNormalizer(try field.message(), file)
      default: break
      }
    }
    guard !scores.isEmpty else {
      throw TokenizerError.unsupportedModel(file: file, problem: "holds no piece.")
    }
    guard kinds.count(where: { $0 == .unknown }) == 1 else {
      throw TokenizerError.unsupportedModel(
        file: file, problem: "expected one piece of the kind 'unknown'.")
    }
    guard algorithm == .unigram || !kinds.contains(.userDefined) else {
      throw TokenizerError.unsupportedModel(
        file: file, problem: "pieces that a user defined are supported with Unigram alone.")
    }
    let work = pieces.indices.reduce(0) { $0 + pieces[$1].count * pieces[$1].count }
    guard algorithm == .unigram || work <= Self.mergeWork else {
      throw TokenizerError.unsupportedModel(
        file: file, problem: "its pieces are too long to be found by BPE. Is the file damaged?")
    }
  }

  /// The squared lengths of all pieces of BPE, at most: about as many bytes are looked at to find how they are merged.
  private static let mergeWork = 1 << 31

  /// The scores, those of pieces that a user defined so high that they are always found.
  var searchScores: [Double] {
    let most = zip(scores, kinds).filter { $0.1 == .normal }.map(\.0).max() ?? 0
    return pieces.indices.map { id in
      guard kinds[Int(id)] == .userDefined else { return scores[Int(id)] }
      return Double(Float(pieces[id].count) * Float(most) - 0.1)
    }
  }

  /// The pairs of pieces that are pieces together, with how soon they are merged: the higher the score of what they
  /// become, the sooner. `file` names the model in errors.
  func merges(file: String) throws(TokenizerError) -> (merges: [BPE.Merge], ranks: [UInt32]) {
    let mergeable = pieces.indices.filter { kinds[Int($0)] == .normal }
    var rank: [Double: UInt32] = [:]
    for score in Set(mergeable.map { scores[Int($0)] }).sorted(by: >) {
      rank[score] = UInt32(rank.count)
    }
    var (merges, ranks) = ([BPE.Merge](), [UInt32]())
    for id in mergeable {
      let piece = pieces[id]
      for cut in piece.indices.dropFirst() where piece[cut] & 0xC0 != 0x80 {
        guard let left = normalPiece(piece[..<cut]), let right = normalPiece(piece[cut...]) else {
          continue
        }
        guard merges.count < TokenizerLimits.merges else {
          throw .tooManyMerges(file: file, limit: TokenizerLimits.merges)
        }
        merges.append(BPE.Merge(left: left, right: right, result: id))
        ranks.append(rank[scores[Int(id)]] ?? 0)
      }
    }
    return (merges, ranks)
  }

  private func normalPiece(_ text: ArraySlice<UInt8>) -> Int32? {
    text.withUnsafeBufferPointer { pieces.id(of: $0) }.flatMap {
      kinds[Int($0)] == .normal ? $0 : nil
    }
  }

  var unknownID: Int32 { Int32(kinds.firstIndex(of: .unknown) ?? 0) }

  /// Whether a piece goes on behind a space, so that words cannot be looked at one by one.
  var crossesSpaces: Bool {
    let mark = Array("\u{2581}".utf8)
    return pieces.indices.contains { id in
      let piece = pieces[id]
      return piece.indices.dropFirst().contains { piece[$0...].starts(with: mark) }
    }
  }

  private mutating func readPiece(_ message: ProtobufReader, _ file: String) throws {
    guard scores.count < TokenizerLimits.tokens else {
      throw TokenizerError.tooManyTokens(file: file, limit: TokenizerLimits.tokens)
    }
    var (piece, score, kind) = ("", Float(0), Kind.normal)
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1: piece = try field.string()
      case 2: score = try field.float()
      case 3:
        let number = try field.integer()
        guard let known = Kind(rawValue: number), known != .unused else {
          throw problem(file, "a piece of the kind \(number), which is not supported.")
        }
        kind = known
      default: break
      }
    }
    guard score.isFinite else { throw problem(file, "the score \(score), expected a number.") }
    guard 1...TokenizerLimits.tokenBytes ~= piece.utf8.count else {
      throw problem(
        file, "\(piece.utf8.count) bytes, expected 1 to \(TokenizerLimits.tokenBytes).")
    }
    piece.withUTF8 { pieces.append($0) }
    scores.append(Double(score))
    kinds.append(kind)
  }

  private func problem(_ file: String, _ text: String) -> TokenizerError {
    .unsupportedModel(file: file, problem: "piece \(scores.count) has \(text)")
  }

  private mutating func readTrainer(_ message: ProtobufReader, _ file: String) throws {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 3:
        let number = try field.integer()
        guard let known = Algorithm(rawValue: number), known == .unigram || known == .bpe else {
          throw TokenizerError.unsupportedModel(
            file: file,
            problem: "its pieces are found by \(Algorithm(rawValue: number)?.name ?? "\(number)"), "
              + "expected Unigram or BPE. Save the tokenizer from transformers as tokenizer.json.")
        }
        algorithm = known
      case 24 where try field.bool():
        throw TokenizerError.unsupportedModel(
          file: file, problem: "it writes spaces behind words, which is not supported.")
      case 35: fallsBackToBytes = try field.bool()
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ message: ProtobufReader, _ file: String) throws {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 2:
        let bytes = try field.bytes()
        guard !bytes.isEmpty else { continue }
        do {
          charsmap = try Charsmap(Array(bytes))
        } catch {
          throw TokenizerError.unsupportedModel(
            file: file, problem: "its precompiled_charsmap is malformed: \(error.description)")
        }
      case 3: addsPrefix = try field.bool()
      case 4: removesExtraSpaces = try field.bool()
      case 5 where try !field.bool():
        throw TokenizerError.unsupportedModel(
          file: file, problem: "it does not mark spaces, which is not supported.")
      default: break
      }
    }
  }
}
