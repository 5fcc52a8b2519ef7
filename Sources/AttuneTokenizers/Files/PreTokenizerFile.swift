// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The pre-tokenizer inside `tokenizer.json`.
enum PreTokenizerFile {
  private static let supported = [
    "BertPreTokenizer", "ByteLevel", "Digits", "Metaspace", "Punctuation", "Sequence", "Split",
    "Whitespace", "WhitespaceSplit",
  ]

  static func read(_ field: JSONField) throws(JSONFieldError) -> PreTokenizer {
    switch try TokenizerFile.type(field, oneOf: supported) {
    case "ByteLevel": return .byteLevel(try byteLevel(field))
    case "Digits":
      try field.refuseKeys(notIn: ["type", "individual_digits"])
      return .digits(individually: try field.bool(at: "individual_digits"))
    case "Metaspace": return .metaspace(try metaspace(field))
    case "Punctuation":
      try field.refuseKeys(notIn: ["type", "behavior"])
      return .punctuation(try field.optionalChoice(at: "behavior") ?? .isolated)
    case "Split": return .split(try split(field))
    case "Sequence":
      return .sequence(try TokenizerFile.sequence(field, "pretokenizers", read))
    case "Whitespace":
      try field.refuseKeys(notIn: ["type"])
      return .whitespace
    case "WhitespaceSplit":
      try field.refuseKeys(notIn: ["type"])
      return .whitespaceSplit
    default:
      try field.refuseKeys(notIn: ["type"])
      return .bert
    }
  }

  private static func byteLevel(
    _ field: JSONField
  ) throws(JSONFieldError) -> ByteLevelPreTokenizer {
    try field.refuseKeys(notIn: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
    return ByteLevelPreTokenizer(
      addsPrefixSpace: try field.bool(at: "add_prefix_space"),
      cutsWords: try field.optionalBool(at: "use_regex") ?? true,
      trimsOffsets: try field.bool(at: "trim_offsets"))
  }

  /// Reads the mark and where it is put; decoders are written the same way.
  ///
  /// Old files have `add_prefix_space` alone, and some a `str_rep` that says the mark again.
  static func metaspace(_ field: JSONField) throws(JSONFieldError) -> Metaspace {
    try field.refuseKeys(notIn: [
      "type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split",
    ])
    let replacement = try TokenizerFile.scalar(field, "replacement")
    let prefix = try field.optionalChoice(at: "prepend_scheme", of: Metaspace.Prefix.self)
    if let addsPrefix = try field.optionalBool(at: "add_prefix_space"), !addsPrefix,
      (prefix ?? .always) != .never
    {
      guard prefix == nil else {
        throw try field.field(at: "add_prefix_space").error(
          "found false beside the prepend_scheme '\(prefix?.rawValue ?? "")', expected 'never'.")
      }
      return Metaspace(
        replacement: replacement, prefix: .never,
        cuts: try field.optionalBool(at: "split") ?? true)
    }
    return Metaspace(
      replacement: replacement, prefix: prefix ?? .always,
      cuts: try field.optionalBool(at: "split") ?? true)
  }

  private static func split(_ field: JSONField) throws(JSONFieldError) -> SplitPreTokenizer {
    try field.refuseKeys(notIn: ["type", "pattern", "behavior", "invert"])
    return SplitPreTokenizer(
      pattern: try pattern(try field.field(at: "pattern")),
      behavior: try field.choice(at: "behavior"), isInverted: try field.bool(at: "invert"))
  }

  /// Reads `{"String": …}` or `{"Regex": …}`, of which only known ones are taken.
  private static func pattern(
    _ field: JSONField
  ) throws(JSONFieldError) -> SplitPreTokenizer.Pattern {
    try field.refuseKeys(notIn: ["String", "Regex"])
    if try field.has("String") {
      let text = try field.string(at: "String")
      guard text.utf8.count <= TokenizerLimits.patternBytes else {
        throw try field.field(at: "String").error(
          "\(text.utf8.count) bytes, expected at most \(TokenizerLimits.patternBytes).")
      }
      return .literal(text)
    }
    let expression = try field.string(at: "Regex")
    let known = WordPattern.allCases.first { pattern in
      pattern.expressions.contains { $0.utf8.elementsEqual(expression.utf8) }
    }
    guard let known else {
      throw try field.field(at: "Regex").error(
        "'\(TokenizerFile.shortened(expression))' is not supported: of regular expressions only "
          + "those of GPT-2, CLIP, GPT-4, Llama 3 and Qwen 2 are known, in their usual spelling.")
    }
    return .known(known, expression: expression)
  }

  /// Throws unless bytes are written by the last part only, and for a model that reads them.
  static func check(
    _ preTokenizer: PreTokenizer, _ model: SubwordModel, at field: JSONField
  ) throws(JSONFieldError) {
    let parts = flattened(preTokenizer)
    let places = parts.indices.filter { isByteLevel(parts[$0]) }
    guard let first = places.first else { return }
    guard first == parts.count - 1 else {
      throw field.error("ByteLevel must be the last part, and stand there once.")
    }
    guard case .bpe = model else {
      throw field.error("ByteLevel is supported with a model of type 'BPE' only.")
    }
  }

  /// Whether bytes are written in the characters that stand for them.
  static func isByteLevel(_ preTokenizer: PreTokenizer) -> Bool {
    switch preTokenizer {
    case .byteLevel: true
    case .sequence(let parts): parts.contains(where: isByteLevel)
    default: false
    }
  }

  private static func flattened(_ preTokenizer: PreTokenizer) -> [PreTokenizer] {
    guard case .sequence(let parts) = preTokenizer else { return [preTokenizer] }
    return parts.flatMap(flattened)
  }

  /// Returns the JSON of a pre-tokenizer.
  static func write(_ preTokenizer: PreTokenizer) -> JSONValue {
    switch preTokenizer {
    case .bert: ["type": "BertPreTokenizer"]
    case .byteLevel(let byteLevel):
      [
        "type": "ByteLevel", "add_prefix_space": .bool(byteLevel.addsPrefixSpace),
        "trim_offsets": .bool(byteLevel.trimsOffsets), "use_regex": .bool(byteLevel.cutsWords),
      ]
    case .metaspace(let metaspace): write(metaspace)
    case .digits(let individually):
      ["type": "Digits", "individual_digits": .bool(individually)]
    case .punctuation(let behavior):
      ["type": "Punctuation", "behavior": .string(behavior.rawValue)]
    case .split(let split):
      [
        "type": "Split", "pattern": write(split.pattern),
        "behavior": .string(split.behavior.rawValue), "invert": .bool(split.isInverted),
      ]
    case .sequence(let parts):
      ["type": "Sequence", "pretokenizers": .array(parts.map(write))]
    case .whitespace: ["type": "Whitespace"]
    case .whitespaceSplit: ["type": "WhitespaceSplit"]
    }
  }

  static func write(_ metaspace: Metaspace) -> JSONValue {
    [
      "type": "Metaspace", "replacement": .string(String(metaspace.replacement)),
      "prepend_scheme": .string(metaspace.prefix.rawValue), "split": .bool(metaspace.cuts),
    ]
  }

  private static func write(_ pattern: SplitPreTokenizer.Pattern) -> JSONValue {
    switch pattern {
    case .literal(let text): ["String": .string(text)]
    case .known(_, let expression): ["Regex": .string(expression)]
    }
  }
}
