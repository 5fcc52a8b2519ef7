// SPDX-License-Identifier: Apache-2.0

/// What happens to the characters of texts before pieces are learned, in `tokenizer.json`.
enum SubwordNormalization {
  /// The normalisation of sentences in SentencePiece: controls go, characters are written in NFKC, spaces are single.
  static func sentences(lowercases: Bool, stripsAccents: Bool) -> Normalizer {
    .sequence(
      [.nmt, .form(.nfkc)] + letters(lowercases: lowercases, stripsAccents: stripsAccents)
        + [.replace(ReplaceNormalizer(.known(.spaces), with: " "))])
  }

  /// The stages that change letters.
  static func letters(lowercases: Bool, stripsAccents: Bool) -> [Normalizer] {
    // Accents come off decomposed letters alone; the rest is composed again.
    (stripsAccents ? [.form(.nfd), .stripAccents, .form(.nfc)] : [])
      + (lowercases ? [.lowercase] : [])
  }
}

extension Tokenizer {
  /// Makes a tokenizer of a trained model; around texts stand the tokens that have the usual names of those.
  init(
    trained model: SubwordModel, normalizer: Normalizer?, _ preTokenizer: PreTokenizer,
    _ specialTokens: [String]
  ) {
    var parts = Parts(normalizer: normalizer, preTokenizer: preTokenizer, model: model)
    parts.specialTokens = SpecialTokens(usualAmong: specialTokens)
    let vocabulary = model.vocabulary
    parts.addedTokens = specialTokens.compactMap { name in
      vocabulary.id(of: name).map { id in
        AddedToken(id: id, content: name, stripsLeft: name == parts.specialTokens.mask)
      }
    }
    var trimming: OffsetTrimming?
    switch preTokenizer {
    case .byteLevel(let byteLevel):
      parts.decoder = .byteLevel
      trimming = OffsetTrimming(isOn: true, addsPrefixSpace: byteLevel.addsPrefixSpace)
    case .metaspace(let metaspace): parts.decoder = .metaspace(metaspace)
    default: break
    }
    func id(_ name: String?) -> Int32? { name.flatMap { vocabulary.id(of: $0) } }
    let first = id(parts.specialTokens.classification)
    let last = id(parts.specialTokens.separator)
    switch (first, last, trimming) {
    case (let first?, let last?, let trimming):
      parts.postProcessor = .roberta(
        RobertaPostProcessor(
          classificationID: first, separatorID: last,
          trimming: trimming ?? OffsetTrimming(isOn: false, addsPrefixSpace: false)))
    case (_, _, let trimming?): parts.postProcessor = .byteLevel(trimming)
    default: break
    }
    self.init(parts)
  }
}
