// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// Turns the texts of one language into the ids of a translator and back: pieces are found by a model of SentencePiece,
/// and their ids stand in a vocabulary that both languages share, as in Marian.
///
/// Every encoding ends with the end token. A text may begin with the code of a language that the vocabulary holds, as
/// `>>fra<<`.
public struct LanguageTokenizer: Sendable {
  /// All tokens of the translator with their ids.
  public let vocabulary: Vocabulary
  /// The id that ends a text.
  public let endID: Int32
  /// The id of what the vocabulary cannot write.
  public let unknownID: Int32
  /// The id that fills rectangles in other programs.
  public let padID: Int32
  /// The bytes of the SentencePiece model.
  public let modelBytes: [UInt8]

  /// Cuts texts; its ids are its own, 0 for what it does not know.
  private let cutter: Tokenizer
  /// The same for texts whose characters have become what they become.
  private let plainCutter: Tokenizer
  /// For each id of the cutter the one of the vocabulary.
  private let ids: [Int32]

  /// Makes a tokenizer of a model and a vocabulary; `file` names the model in errors.
  init(
    model bytes: [UInt8], vocabulary: Vocabulary, names: TranslationTokenizers.Names, file: String
  ) throws {
    let model = try SentencePieceModel(bytes, file: file)
    func id(_ name: String) throws -> Int32 {
      guard let id = vocabulary.id(of: name) else {
        throw TokenizerError.missingToken(
          file: TranslationTokenizers.FileName.vocabulary, token: name, count: vocabulary.count)
      }
      return id
    }
    self.vocabulary = vocabulary
    (endID, unknownID, padID) = (try id(names.end), try id(names.unknown), try id(names.padding))
    modelBytes = bytes
    let special = [names.unknown, names.end, names.padding]
    (cutter, plainCutter, ids) = try Self.cutters(model, vocabulary, special, unknownID, file)
  }

  private static func cutters(
    _ model: SentencePieceModel, _ vocabulary: Vocabulary, _ special: [String], _ unknown: Int32,
    _ file: String
  ) throws(TokenizerError) -> (Tokenizer, plain: Tokenizer, [Int32]) {
    // Control pieces are never found in texts.
    var (pieces, scores, ids) = (Vocabulary(["<unk>"]), [0.0], [unknown])
    let searchScores = model.searchScores
    // For each piece of the model the id of the cutter.
    let places = model.pieces.indices.map { id -> Int32 in
      switch model.kinds[Int(id)] {
      case .unknown, .control, .unused: return 0
      case .normal, .userDefined, .byte: break
      }
      model.pieces[id].withUnsafeBufferPointer { piece in
        pieces.append(piece)
        ids.append(vocabulary.id(of: piece) ?? unknown)
      }
      scores.append(searchScores[Int(id)])
      return Int32(ids.count - 1)
    }
    // SentencePiece puts a space before every text, also before one that begins with its mark.
    let stages =
      [Tokenizer.normalizer(of: model, prefersLongest: true)].compactMap { $0 }
      + (model.addsPrefix ? [.prepend(" ")] : [])
    var parts = Tokenizer.Parts(
      normalizer: stages.isEmpty ? nil : .sequence(stages),
      preTokenizer: .metaspace(Metaspace(prefix: .never, cuts: !model.crossesSpaces)),
      model: model.algorithm == .bpe
        ? .bpe(try bytePairs(of: model, pieces, places, file))
        : .unigram(
          Unigram(
            vocabulary: pieces, scores: scores, unknownID: 0,
            fallsBackToBytes: model.fallsBackToBytes, sumsSingles: true)))
    for name in special {
      let id = Int32(ids.count)
      ids.append(vocabulary.id(of: name) ?? unknown)
      parts.addedTokens.append(AddedToken(id: id, content: name))
    }
    let cutter = Tokenizer(parts)
    parts.normalizer = nil
    return (cutter, Tokenizer(parts), ids)
  }

  /// Returns the model that merges what are pieces together; `places` are the ids of the pieces in the vocabulary.
  private static func bytePairs(
    of model: SentencePieceModel, _ vocabulary: Vocabulary, _ places: [Int32], _ file: String
  ) throws(TokenizerError) -> BPE {
    let (merges, ranks) = try model.merges(file: file)
    func place(_ id: Int32) -> Int32 { places[Int(id)] }
    var settings = BPE.Settings()
    (settings.unknownToken, settings.fusesUnknown) = ("<unk>", true)
    settings.fallsBackToBytes = model.fallsBackToBytes
    return BPE(
      vocabulary: vocabulary,
      merges: merges.map {
        BPE.Merge(left: place($0.left), right: place($0.right), result: place($0.result))
      }, ranks: ranks, settings: settings)
  }

  /// Returns the ids of a text and the bytes that each stands for; the end token is last, also where the text is cut to
  /// keep to `maximumLength` ids.
  public func encode(_ text: String, maximumLength: Int? = nil) -> Encoding {
    let (code, start) = languageCode(of: text)
    let rest = start == 0 ? text : String(decoding: text.utf8.dropFirst(start), as: UTF8.self)
    var encoding = cutter.encode(rest)
    let unknown = unknownIDs(of: rest, pieces: encoding.ids)
    for place in encoding.ids.indices {
      encoding.offsets[place] = encoding.offsets[place].shifted(by: start)
      encoding.ids[place] = unknown[place] ?? ids[Int(encoding.ids[place])]
    }
    if let code {
      encoding.ids.insert(code, at: 0)
      encoding.offsets.insert(0..<start, at: 0)
      encoding.segments.insert(0, at: 0)
      encoding.isSpecial.insert(false, at: 0)
    }
    encoding.cut(to: max(0, (maximumLength ?? .max) - 1))
    encoding.ids.append(endID)
    encoding.offsets.append(0..<0)
    encoding.segments.append(0)
    encoding.isSpecial.append(true)
    return encoding
  }

  /// Returns the ids of a text; they are those of `encode`.
  public func encodeIDs(_ text: String, maximumLength: Int? = nil) -> [Int32] {
    let pieces = text.utf8.starts(with: Self.codeStart) ? [0] : cutter.encodeIDs(text)
    // What the cutter does not know is looked at more closely.
    guard !pieces.contains(0) else { return encode(text, maximumLength: maximumLength).ids }
    return pieces.prefix(max(0, (maximumLength ?? .max) - 1)).map { ids[Int($0)] } + [endID]
  }

  /// Returns the text of the ids; ids that no token has are left out.
  public func decode(_ ids: [Int32], skipsSpecialTokens: Bool = true) -> String {
    let special = [endID, unknownID, padID]
    let tokens = ids.compactMap { id in
      skipsSpecialTokens && special.contains(id) ? nil : vocabulary.token(of: id)
    }
    let text = Self.decoder.decode(tokens).utf8.drop { $0 == UInt8(ascii: " ") }
    let end = text.lastIndex { $0 != UInt8(ascii: " ") }
    return String(decoding: end.map { text[...$0] } ?? text.prefix(0), as: UTF8.self)
  }

  /// Returns the token with the id, or nil if there is none.
  public func token(of id: Int32) -> String? { vocabulary.token(of: id) }

  private static let decoder = TokenDecoder.sequence([
    .byteFallback,
    .replace(ReplaceNormalizer(.text(Array("\u{2581}".utf8)), with: " ")),
  ])

  private static let codeStart = Array(">>".utf8)

  /// The token of the language that a text begins with, and where the text proper begins.
  private func languageCode(of text: String) -> (id: Int32?, start: Int) {
    let bytes = Array(text.utf8.prefix(64))
    guard bytes.starts(with: Self.codeStart),
      let end = bytes.indices.dropLast().first(where: {
        bytes[$0] == UInt8(ascii: "<") && bytes[$0 + 1] == UInt8(ascii: "<")
      })
    else { return (nil, 0) }
    let code = bytes[..<(end + 2)].withUnsafeBufferPointer { vocabulary.id(of: $0) }
    return (code ?? unknownID, end + 2)
  }

  /// The ids of pieces that the cutter does not know, by their places: as they stand, some are tokens after all.
  private func unknownIDs(of text: String, pieces: [Int32]) -> [Int: Int32] {
    guard pieces.contains(0), let normalizer = cutter.normalizer else { return [:] }
    // Places in the source would not do: there a character can be longer than what is made of it.
    let normalized = Array(normalizer.normalize(text).utf8)
    let again = plainCutter.encode(String(decoding: normalized, as: UTF8.self))
    guard again.ids == pieces else { return [:] }
    var found: [Int: Int32] = [:]
    for (place, id) in pieces.enumerated() where id == 0 {
      found[place] = normalized[again.offsets[place]].withUnsafeBufferPointer {
        vocabulary.id(of: $0)
      }
    }
    return found
  }
}

extension Range<Int> {
  fileprivate func shifted(by offset: Int) -> Range<Int> {
    lowerBound + offset..<upperBound + offset
  }
}

extension Encoding {
  fileprivate mutating func cut(to count: Int) {
    guard ids.count > count else { return }
    truncatedCount += ids.count - count
    ids.removeLast(ids.count - count)
    offsets.removeLast(offsets.count - count)
    segments.removeLast(segments.count - count)
    isSpecial.removeLast(isSpecial.count - count)
  }
}
