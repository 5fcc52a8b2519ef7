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

  /// Cuts texts; its ids are its own.
  private let cutter: Tokenizer
  /// For each id of the cutter the one of the vocabulary.
  private let ids: [Int32]
  /// What happens to single characters.
  private let characters: Normalizer?

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
    characters = model.charsmap.map {
      .precompiled(PrecompiledNormalizer($0, prefersLongest: true))
    }
    let special = [names.unknown, names.end, names.padding]
    (cutter, ids) = Self.cutter(model, vocabulary, special, unknownID)
  }

  private static func cutter(
    _ model: SentencePieceModel, _ vocabulary: Vocabulary, _ special: [String], _ unknown: Int32
  ) -> (Tokenizer, [Int32]) {
    // Control pieces are never found in texts.
    var pieces = Vocabulary(["<unk>"])
    var scores = [0.0]
    var ids = [unknown]
    let searchScores = model.searchScores
    for (place, id) in model.pieces.indices.enumerated() {
      switch model.kinds[place] {
      case .unknown, .control, .unused: continue
      case .normal, .userDefined, .byte: break
      }
      model.pieces[id].withUnsafeBufferPointer { piece in
        pieces.append(piece)
        ids.append(vocabulary.id(of: piece) ?? unknown)
      }
      scores.append(searchScores[place])
    }
    // SentencePiece puts a space before every text, also before one that begins with its mark.
    let stages =
      [Tokenizer.normalizer(of: model, prefersLongest: true)].compactMap { $0 }
      + (model.addsPrefix ? [.prepend(" ")] : [])
    var parts = Tokenizer.Parts(
      normalizer: stages.isEmpty ? nil : .sequence(stages),
      preTokenizer: .metaspace(Metaspace(prefix: .never, cuts: !model.crossesSpaces)),
      model: .unigram(
        Unigram(
          vocabulary: pieces, scores: scores, unknownID: 0,
          fallsBackToBytes: model.fallsBackToBytes, sumsSingles: true)))
    for name in special {
      let id = Int32(ids.count)
      ids.append(vocabulary.id(of: name) ?? unknown)
      parts.addedTokens.append(AddedToken(id: id, content: name))
    }
    return (Tokenizer(parts), ids)
  }

  /// Returns the ids of a text and the bytes that each stands for; the end token is last, also where the text is cut to
  /// keep to `maximumLength` ids.
  public func encode(_ text: String, maximumLength: Int? = nil) -> Encoding {
    let (code, start) = languageCode(of: text)
    let rest = start == 0 ? text : String(decoding: text.utf8.dropFirst(start), as: UTF8.self)
    var encoding = cutter.encode(rest)
    for place in encoding.ids.indices {
      encoding.offsets[place] = encoding.offsets[place].shifted(by: start)
      encoding.ids[place] = id(of: encoding.ids[place], at: encoding.offsets[place], of: text)
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

  /// The id of a piece; what the cutter does not know may still be a token, as it stands.
  private func id(of piece: Int32, at place: Range<Int>, of text: String) -> Int32 {
    guard piece == 0, !place.isEmpty else { return ids[Int(piece)] }
    let source = String(
      decoding: text.utf8.dropFirst(place.lowerBound).prefix(place.count), as: UTF8.self)
    let surface = characters?.normalize(source) ?? source
    return vocabulary.id(of: surface) ?? unknownID
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
