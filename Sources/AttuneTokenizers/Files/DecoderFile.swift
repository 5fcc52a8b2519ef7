// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The decoder inside `tokenizer.json`.
enum DecoderFile {
  static func read(_ field: JSONField) throws(JSONFieldError) -> TokenDecoder {
    switch try TokenizerFile.type(field, oneOf: ["BPEDecoder", "ByteLevel", "WordPiece"]) {
    case "BPEDecoder":
      try field.refuseKeys(notIn: ["type", "suffix"])
      return .suffix(SuffixDecoder(suffix: try field.string(at: "suffix")))
    case "ByteLevel":
      // The settings are those of the pre-tokenizer; decoding asks for none of them.
      try field.refuseKeys(notIn: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel
    default:
      try field.refuseKeys(notIn: ["type", "prefix", "cleanup"])
      return .wordPiece(
        WordPieceDecoder(
          continuingPrefix: try field.string(at: "prefix"),
          cleansSpaces: try field.bool(at: "cleanup")))
    }
  }

  /// Returns the JSON of a decoder.
  static func write(_ decoder: TokenDecoder) -> JSONValue {
    switch decoder {
    case .wordPiece(let wordPiece):
      [
        "type": "WordPiece", "prefix": .string(wordPiece.continuingPrefix),
        "cleanup": .bool(wordPiece.cleansSpaces),
      ]
    case .byteLevel:
      ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
    case .suffix(let suffix): ["type": "BPEDecoder", "suffix": .string(suffix.suffix)]
    }
  }
}
