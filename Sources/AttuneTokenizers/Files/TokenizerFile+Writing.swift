// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension TokenizerFile {
  /// Returns the JSON of a tokenizer, as `tokenizer.json` holds it.
  static func write(_ tokenizer: Tokenizer, maximumLength: Int?) -> JSONValue {
    [
      "version": .string(version),
      "truncation": tokenizer.kept.truncates
        ? maximumLength.map { TruncationFile.write(tokenizer.truncation, $0) } ?? nil : nil,
      "padding": tokenizer.kept.padding.map { .object($0) } ?? nil,
      "added_tokens": .array(tokenizer.addedTokens.map(AddedTokensFile.write)),
      "normalizer": tokenizer.normalizer.map(NormalizerFile.write) ?? nil,
      "pre_tokenizer": tokenizer.preTokenizer.map(PreTokenizerFile.write) ?? nil,
      "post_processor": tokenizer.postProcessor.map { PostProcessorFile.write($0, tokenizer) }
        ?? nil,
      "decoder": tokenizer.decoder.map(DecoderFile.write) ?? nil,
      "model": write(tokenizer.model),
    ]
  }

  private static func write(_ model: SubwordModel) -> JSONValue {
    switch model {
    case .wordPiece(let wordPiece):
      [
        "type": "WordPiece", "unk_token": .string(wordPiece.unknownToken),
        "continuing_subword_prefix": .string(wordPiece.continuingPrefix),
        "max_input_chars_per_word": .integer(wordPiece.longestWord),
        "vocab": write(wordPiece.vocabulary),
      ]
    case .bpe(let bpe): write(bpe)
    case .unigram(let unigram): UnigramFile.write(unigram)
    }
  }

  static func write(_ vocabulary: Vocabulary) -> JSONValue {
    .object(
      JSONObject(
        vocabulary.indices.lazy.map { id in
          (String(decoding: vocabulary[id], as: UTF8.self), .integer(Int(id)))
        }))
  }
}
