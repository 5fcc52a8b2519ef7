// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// Turns text into the ids of a vocabulary and back.
///
/// Five stages: normalizer, pre-tokenizer, subword model, post-processor, decoder. Any of them but the
/// model may be missing. Added tokens, such as a `[MASK]` typed by the user, are found first.
public struct Tokenizer: Sendable {
  /// What happens to the characters.
  public let normalizer: Normalizer?
  /// How text is cut into words; without it a text is one word.
  public let preTokenizer: PreTokenizer?
  /// How words become pieces.
  public let model: SubwordModel
  /// What is put around the pieces.
  public let postProcessor: PostProcessor?
  /// How pieces become text again; without it they are joined by spaces.
  public let decoder: TokenDecoder?
  /// Tokens found in the text as it stands, by rising id.
  public let addedTokens: [AddedToken]
  /// The texts of the tokens with a part to play; each is in the vocabulary.
  public let specialTokens: SpecialTokens
  /// The longest encoding that the files ask for; only a caller that passes it on truncates.
  public let maximumLength: Int?
  /// How texts are cut that are longer than a caller allows.
  public let truncation: Truncation

  /// Ids count up to this.
  public let vocabularySize: Int
  /// The id that fills rows.
  public let padID: Int32?
  /// The id of what the vocabulary cannot write.
  public let unknownID: Int32?
  /// The id that begins a text (`[CLS]`).
  public let classificationID: Int32?
  /// The id that ends a text (`[SEP]`).
  public let separatorID: Int32?
  /// The id that stands for a token to be guessed.
  public let maskID: Int32?

  let pipeline: EncodingPipeline
  let specialIDs: Set<Int32>
  let addedIDs: Set<Int32>
  /// What stands around texts, and what becomes of places, as the post-processor says.
  let template: TemplatePostProcessor
  let trimmings: [OffsetTrimming]
  let kept: KeptBlocks

  /// The parts of a tokenizer, checked by who makes them.
  struct Parts {
    var normalizer: Normalizer?
    var preTokenizer: PreTokenizer?
    var model: SubwordModel
    var postProcessor: PostProcessor?
    var decoder: TokenDecoder?
    var addedTokens: [AddedToken] = []
    var specialTokens = SpecialTokens()
    var maximumLength: Int?
    var truncation = Truncation()
    /// What the file says for programs that fill rows and cut texts unasked.
    var kept = KeptBlocks()
  }

  /// The blocks of `tokenizer.json` without effect here, which saving writes again.
  struct KeptBlocks: Sendable, Equatable {
    var truncates = false
    var padding: JSONObject?
  }

  init(_ parts: Parts) {
    normalizer = parts.normalizer
    preTokenizer = parts.preTokenizer
    model = parts.model
    postProcessor = parts.postProcessor
    decoder = parts.decoder
    addedTokens = parts.addedTokens.sorted { $0.id < $1.id }
    maximumLength = parts.maximumLength
    truncation = parts.truncation
    kept = parts.kept
    vocabularySize = max(
      model.vocabulary.count, addedTokens.last.map { Int($0.id) + 1 } ?? 0)
    pipeline = EncodingPipeline(
      normalizer: normalizer, preTokenizer: preTokenizer, model: model, addedTokens: addedTokens)
    template = parts.postProcessor?.template ?? .plain
    trimmings = parts.postProcessor?.trimmings ?? []
    addedIDs = Set(addedTokens.lazy.map(\.id))
    specialIDs = Set(addedTokens.lazy.filter(\.isSpecial).map(\.id))
    let (tokens, vocabulary) = (addedTokens, model.vocabulary)
    var special = parts.specialTokens
    func id(_ part: WritableKeyPath<SpecialTokens, String?>) -> Int32? {
      guard let name = special[keyPath: part] else { return nil }
      let id = Self.id(of: name, addedTokens: tokens, vocabulary: vocabulary)
      if id == nil { special[keyPath: part] = nil }
      return id
    }
    padID = id(\.padding)
    unknownID = id(\.unknown)
    classificationID = id(\.classification)
    separatorID = id(\.separator)
    maskID = id(\.mask)
    specialTokens = special
  }

  /// Makes a BERT tokenizer of a vocabulary.
  ///
  /// Throws if the vocabulary lacks the unknown, classification or separator token.
  public init(
    wordPiece vocabulary: Vocabulary, lowercases: Bool = true, stripsAccents: Bool? = nil,
    separatesIdeographs: Bool = true, specialTokens: SpecialTokens = .bert,
    maximumLength: Int? = nil
  ) throws(TokenizerError) {
    try self.init(
      wordPiece: vocabulary,
      normalizer: BERTNormalizer(
        separatesIdeographs: separatesIdeographs, stripsAccents: stripsAccents,
        lowercases: lowercases),
      specialTokens: specialTokens, maximumLength: maximumLength, file: "vocabulary")
  }

  init(
    wordPiece vocabulary: Vocabulary, normalizer: BERTNormalizer, specialTokens: SpecialTokens,
    maximumLength: Int?, isOfMPNet: Bool = false, addedTokens: [AddedToken] = [], file: String
  ) throws(TokenizerError) {
    func required(_ name: String?, _ usual: String) throws(TokenizerError) -> (String, Int32) {
      let name = name ?? usual
      guard let id = vocabulary.id(of: name) else {
        throw .missingToken(file: file, token: name, count: vocabulary.count)
      }
      return (name, id)
    }
    let (unknown, _) = try required(specialTokens.unknown, "[UNK]")
    let (_, classificationID) = try required(specialTokens.classification, "[CLS]")
    let (_, separatorID) = try required(specialTokens.separator, "[SEP]")
    guard let model = WordPiece(vocabulary: vocabulary, unknownToken: unknown) else {
      throw .missingToken(file: file, token: unknown, count: vocabulary.count)
    }
    let added = Self.addedTokens(
      specialTokens, vocabulary, described: addedTokens, maskStripsLeft: isOfMPNet)
    try AddedTokensFile.check(added, vocabulary, file: file)
    let postProcessor: PostProcessor =
      isOfMPNet
      ? .roberta(
        RobertaPostProcessor(
          classificationID: classificationID, separatorID: separatorID, trimming: OffsetTrimming()))
      : .template(
        TemplatePostProcessor(classificationID: classificationID, separatorID: separatorID))
    self.init(
      Parts(
        normalizer: .bert(normalizer), preTokenizer: .bert, model: .wordPiece(model),
        postProcessor: postProcessor, decoder: .wordPiece(WordPieceDecoder()),
        addedTokens: added, specialTokens: specialTokens, maximumLength: maximumLength))
  }

  /// Returns the token with the id, or nil if there is none.
  public func token(of id: Int32) -> String? {
    if let token = model.vocabulary.token(of: id) { return token }
    return addedTokens.first { $0.id == id }?.content
  }

  /// Returns the id of the token, or nil if there is none.
  public func id(of token: String) -> Int32? {
    Self.id(of: token, addedTokens: addedTokens, vocabulary: model.vocabulary)
  }

  private static func id(
    of token: String, addedTokens: [AddedToken], vocabulary: Vocabulary
  ) -> Int32? {
    vocabulary.id(of: token)
      ?? addedTokens.first { $0.content.utf8.elementsEqual(token.utf8) }?.id
  }
}

extension Tokenizer: Equatable {
  /// Returns whether both turn every text into the same ids and back.
  public static func == (left: Tokenizer, right: Tokenizer) -> Bool {
    left.normalizer == right.normalizer && left.preTokenizer == right.preTokenizer
      && left.model == right.model && left.postProcessor == right.postProcessor
      && left.decoder == right.decoder && left.addedTokens == right.addedTokens
      && left.specialTokens == right.specialTokens && left.maximumLength == right.maximumLength
      && left.truncation == right.truncation && left.kept == right.kept
  }
}
