// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The decoder inside `tokenizer.json`.
enum DecoderFile {
  private static let supported = [
    "BPEDecoder", "ByteFallback", "ByteLevel", "Fuse", "Metaspace", "Replace", "Sequence", "Strip",
    "WordPiece",
  ]

  static func read(_ field: JSONField) throws(JSONFieldError) -> TokenDecoder {
    switch try TokenizerFile.type(field, oneOf: supported) {
    case "BPEDecoder":
      try field.refuseKeys(notIn: ["type", "suffix"])
      return .suffix(SuffixDecoder(suffix: try field.string(at: "suffix")))
    case "ByteLevel":
      // The settings are those of the pre-tokenizer; decoding asks for none of them.
      try field.refuseKeys(notIn: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel
    case "ByteFallback":
      try field.refuseKeys(notIn: ["type"])
      return .byteFallback
    case "Fuse":
      try field.refuseKeys(notIn: ["type"])
      return .fuse
    case "Metaspace": return .metaspace(try PreTokenizerFile.metaspace(field))
    case "Replace": return .replace(try NormalizerFile.replacement(field))
    case "Sequence": return .sequence(try TokenizerFile.sequence(field, "decoders", read))
    case "Strip":
      try field.refuseKeys(notIn: ["type", "content", "start", "stop"])
      let limits = 0...TokenizerLimits.tokenBytes
      return .strip(
        try TokenizerFile.scalar(field, "content"),
        start: try field.integer(at: "start", in: limits),
        end: try field.integer(at: "stop", in: limits))
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
    case .metaspace(let metaspace): PreTokenizerFile.write(metaspace)
    case .replace(let replacement): NormalizerFile.write(replacement)
    case .byteFallback: ["type": "ByteFallback"]
    case .fuse: ["type": "Fuse"]
    case .strip(let scalar, let start, let end):
      [
        "type": "Strip", "content": .string(String(scalar)), "start": .integer(start),
        "stop": .integer(end),
      ]
    case .sequence(let parts): ["type": "Sequence", "decoders": .array(parts.map(write))]
    }
  }
}
