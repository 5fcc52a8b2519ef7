// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The normalizer inside `tokenizer.json`.
enum NormalizerFile {
  private static let simple: [(name: String, normalizer: Normalizer)] =
    [
      ("Lowercase", .lowercase), ("StripAccents", .stripAccents), ("Nmt", .nmt),
      ("ByteLevel", .byteLevel),
    ]
    + NormalForm.allCases.map { ($0.rawValue, .form($0)) }

  static func read(_ field: JSONField) throws(JSONFieldError) -> Normalizer {
    let name = try TokenizerFile.type(
      field,
      oneOf: ["BertNormalizer", "Precompiled", "Strip", "Prepend", "Replace", "Sequence"]
        + simple.map(\.name))
    switch name {
    case "BertNormalizer": return try bert(field)
    case "Precompiled": return try precompiled(field)
    case "Strip":
      try field.refuseKeys(notIn: ["type", "strip_left", "strip_right"])
      return .strip(
        left: try field.bool(at: "strip_left"), right: try field.bool(at: "strip_right"))
    case "Prepend":
      try field.refuseKeys(notIn: ["type", "prepend"])
      return .prepend(try TokenizerFile.shortString(field, "prepend"))
    case "Replace": return .replace(try replacement(field))
    case "Sequence": return .sequence(try TokenizerFile.sequence(field, "normalizers", read))
    default:
      try field.refuseKeys(notIn: ["type"])
      return simple.first { $0.name == name }?.normalizer ?? .sequence([])
    }
  }

  private static func bert(_ field: JSONField) throws(JSONFieldError) -> Normalizer {
    try field.refuseKeys(notIn: [
      "type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase",
    ])
    return .bert(
      BERTNormalizer(
        cleansText: try field.bool(at: "clean_text"),
        separatesIdeographs: try field.bool(at: "handle_chinese_chars"),
        stripsAccents: try field.optionalBool(at: "strip_accents"),
        lowercases: try field.bool(at: "lowercase")))
  }

  private static func precompiled(_ field: JSONField) throws(JSONFieldError) -> Normalizer {
    try field.refuseKeys(notIn: ["type", "precompiled_charsmap"])
    let place = try field.field(at: "precompiled_charsmap")
    guard let bytes = Base64.decode(try field.string(at: "precompiled_charsmap")) else {
      throw place.error("the string is not valid base64.")
    }
    do {
      return .precompiled(PrecompiledNormalizer(try Charsmap(bytes)))
    } catch {
      throw place.error(error.description)
    }
  }

  /// Reads what is replaced by what; decoders are written the same way.
  static func replacement(_ field: JSONField) throws(JSONFieldError) -> ReplaceNormalizer {
    try field.refuseKeys(notIn: ["type", "pattern", "content"])
    let pattern = try field.field(at: "pattern")
    try pattern.refuseKeys(notIn: ["String", "Regex"])
    let content = try TokenizerFile.shortString(field, "content")
    guard try pattern.has("Regex") else {
      let text = try TokenizerFile.shortString(pattern, "String")
      guard !text.utf8.isEmpty else {
        throw try pattern.field(at: "String").error("found an empty text, expected one to replace.")
      }
      return ReplaceNormalizer(.text(Array(text.utf8)), with: content)
    }
    let expression = try pattern.string(at: "Regex")
    guard let known = ReplaceNormalizer.KnownPattern(rawValue: expression) else {
      let all = ReplaceNormalizer.KnownPattern.allCases.map { "'\($0.rawValue)'" }
      throw try pattern.field(at: "Regex").error(
        "the regular expression '\(TokenizerFile.shortened(expression))' is not supported. "
          + "Supported: \(all.joined(separator: ", ")).")
    }
    return ReplaceNormalizer(.known(known), with: content)
  }

  static func write(_ normalizer: Normalizer) -> JSONValue {
    switch normalizer {
    case .bert(let bert):
      [
        "type": "BertNormalizer", "clean_text": .bool(bert.cleansText),
        "handle_chinese_chars": .bool(bert.separatesIdeographs),
        "strip_accents": bert.stripsAccents.map { .bool($0) } ?? nil,
        "lowercase": .bool(bert.lowercases),
      ]
    case .precompiled(let precompiled):
      [
        "type": "Precompiled",
        "precompiled_charsmap": .string(Base64.encode(precompiled.charsmap.bytes)),
      ]
    case .form(let form): ["type": .string(form.rawValue)]
    case .lowercase: ["type": "Lowercase"]
    case .stripAccents: ["type": "StripAccents"]
    case .nmt: ["type": "Nmt"]
    case .byteLevel: ["type": "ByteLevel"]
    case .strip(let left, let right):
      ["type": "Strip", "strip_left": .bool(left), "strip_right": .bool(right)]
    case .prepend(let text): ["type": "Prepend", "prepend": .string(text)]
    case .replace(let replacement): write(replacement)
    case .sequence(let stages):
      ["type": "Sequence", "normalizers": .array(stages.map(write))]
    }
  }

  static func write(_ replacement: ReplaceNormalizer) -> JSONValue {
    let pattern: JSONValue =
      switch replacement.pattern {
      case .text(let text): ["String": .string(String(decoding: text, as: UTF8.self))]
      case .known(let known): ["Regex": .string(known.rawValue)]
      }
    return ["type": "Replace", "pattern": pattern, "content": .string(replacement.content)]
  }
}
