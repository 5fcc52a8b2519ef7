// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The post-processor inside `tokenizer.json`.
enum PostProcessorFile {
  private static let supported = [
    "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing",
  ]

  static func read(_ field: JSONField, _ tokens: TokenIDs) throws(JSONFieldError) -> PostProcessor {
    switch try TokenizerFile.type(field, oneOf: supported) {
    case "BertProcessing":
      try field.refuseKeys(notIn: ["type", "sep", "cls"])
      return .template(
        TemplatePostProcessor(
          classificationID: try pair(field, "cls", tokens),
          separatorID: try pair(field, "sep", tokens)))
    case "RobertaProcessing":
      try field.refuseKeys(notIn: ["type", "sep", "cls", "trim_offsets", "add_prefix_space"])
      return .roberta(
        RobertaPostProcessor(
          classificationID: try pair(field, "cls", tokens),
          separatorID: try pair(field, "sep", tokens), trimming: try trimming(field)))
    case "ByteLevel":
      try field.refuseKeys(notIn: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel(try trimming(field))
    case "Sequence":
      let parts = try TokenizerFile.sequence(field, "processors") {
        (part) throws(JSONFieldError) in try read(part, tokens)
      }
      guard parts.count(where: { $0.template != nil }) <= 1 else {
        throw try field.field(at: "processors").error(
          "more than one part puts tokens around a text, expected one at most.")
      }
      return .sequence(parts)
    default: return .template(try template(field, tokens))
    }
  }

  private static func trimming(_ field: JSONField) throws(JSONFieldError) -> OffsetTrimming {
    OffsetTrimming(
      isOn: try field.bool(at: "trim_offsets"),
      addsPrefixSpace: try field.bool(at: "add_prefix_space"))
  }

  private static func template(
    _ field: JSONField, _ tokens: TokenIDs
  ) throws(JSONFieldError) -> TemplatePostProcessor {
    try field.refuseKeys(notIn: ["type", "single", "pair", "special_tokens"])
    let special = try specialTokens(try field.field(at: "special_tokens"), tokens)
    let single = try items(field, "single", special)
    let pair = try items(field, "pair", special)
    try check(single, holds: [false], at: try field.field(at: "single"), "A")
    try check(pair, holds: [false, true], at: try field.field(at: "pair"), "A and B")
    return TemplatePostProcessor(single: single, pair: pair)
  }

  /// Reads `["[SEP]", 102]`.
  private static func pair(
    _ field: JSONField, _ key: String, _ tokens: TokenIDs
  ) throws(JSONFieldError) -> Int32 {
    let place = try field.field(at: key)
    guard case .array(let values)? = place.value, values.count == 2,
      case .string(let token) = values[0], case .integer(let id) = values[1]
    else { throw place.error("expected an array of a token and its id.") }
    return try checked(token, id, place, tokens)
  }

  private static func checked(
    _ token: String, _ id: Int, _ place: JSONField, _ tokens: TokenIDs
  ) throws(JSONFieldError) -> Int32 {
    guard tokens.holds(token, id: id), let id = Int32(exactly: id) else {
      throw place.error(
        "the token '\(token)' with the id \(id) is neither in model.vocab nor in added_tokens.")
    }
    return id
  }

  /// Returns the ids under each name of `special_tokens`.
  private static func specialTokens(
    _ field: JSONField, _ tokens: TokenIDs
  ) throws(JSONFieldError) -> [(name: String, ids: [Int32])] {
    var named: [(name: String, ids: [Int32])] = []
    for (name, place) in try field.members() {
      guard named.count < TokenizerLimits.templateItems else {
        throw field.error("expected at most \(TokenizerLimits.templateItems) special tokens.")
      }
      try place.refuseKeys(notIn: ["id", "ids", "tokens"])
      let (ids, texts) = (try place.integers(at: "ids"), try place.strings(at: "tokens"))
      guard ids.count == texts.count, 1...TokenizerLimits.templateItems ~= ids.count else {
        throw place.error(
          "\(ids.count) ids and \(texts.count) tokens, expected as many of one as of the other, "
            + "1 to \(TokenizerLimits.templateItems).")
      }
      var checkedIDs: [Int32] = []
      for (id, text) in zip(ids, texts) { checkedIDs.append(try checked(text, id, place, tokens)) }
      named.append((name, checkedIDs))
    }
    return named
  }

  private static func items(
    _ field: JSONField, _ key: String, _ special: [(name: String, ids: [Int32])]
  ) throws(JSONFieldError) -> [TemplatePostProcessor.Item] {
    let places = try field.fields(at: key)
    guard 1...TokenizerLimits.templateItems ~= places.count else {
      throw try field.field(at: key).error(
        "\(places.count) items, expected 1 to \(TokenizerLimits.templateItems).")
    }
    var items: [TemplatePostProcessor.Item] = []
    for place in places {
      try place.refuseKeys(notIn: ["SpecialToken", "Sequence"])
      let kind = try place.has("Sequence") ? "Sequence" : "SpecialToken"
      let name = try place.string(at: kind, "id")
      let segment = UInt8(try place.integer(at: kind, "type_id", in: 0...255))
      if kind == "Sequence" {
        guard name == "A" || name == "B" else {
          throw try place.field(at: kind, "id").error("found '\(name)', expected 'A' or 'B'.")
        }
        items.append(.text(isSecond: name == "B", segment: segment))
        continue
      }
      guard let ids = special.first(where: { $0.name.utf8.elementsEqual(name.utf8) })?.ids else {
        throw try place.field(at: kind, "id").error(
          "'\(name)' is missing from special_tokens. There: "
            + special.map { "'\($0.name)'" }.joined(separator: ", ") + ".")
      }
      items += ids.map { .special(id: $0, segment: segment) }
    }
    return items
  }

  private static func check(
    _ items: [TemplatePostProcessor.Item], holds expected: [Bool], at place: JSONField,
    _ names: String
  ) throws(JSONFieldError) {
    let texts = items.compactMap { item -> Bool? in
      if case .text(let isSecond, _) = item { isSecond } else { nil }
    }
    guard texts.sorted(by: { !$0 && $1 }) == expected else {
      throw place.error("expected \(names) as a Sequence, once each.")
    }
  }

  /// Returns the JSON of a post-processor.
  static func write(_ processor: PostProcessor, _ tokenizer: Tokenizer) -> JSONValue {
    switch processor {
    case .template(let template):
      var special = JSONObject()
      for case .special(let id, _) in template.single + template.pair {
        let name = tokenizer.token(of: id) ?? ""
        special[name] = [
          "id": .string(name), "ids": [.integer(Int(id))], "tokens": [.string(name)],
        ]
      }
      func items(_ items: [TemplatePostProcessor.Item]) -> JSONValue {
        .array(items.map { write($0, tokenizer) })
      }
      return [
        "type": "TemplateProcessing", "single": items(template.single),
        "pair": items(template.pair), "special_tokens": .object(special),
      ]
    case .roberta(let roberta):
      func pair(_ id: Int32) -> JSONValue {
        .array([.string(tokenizer.token(of: id) ?? ""), .integer(Int(id))])
      }
      return [
        "type": "RobertaProcessing", "sep": pair(roberta.separatorID),
        "cls": pair(roberta.classificationID), "trim_offsets": .bool(roberta.trimming.isOn),
        "add_prefix_space": .bool(roberta.trimming.addsPrefixSpace),
      ]
    case .byteLevel(let trimming):
      return [
        "type": "ByteLevel", "add_prefix_space": .bool(trimming.addsPrefixSpace),
        "trim_offsets": .bool(trimming.isOn), "use_regex": true,
      ]
    case .sequence(let parts):
      return ["type": "Sequence", "processors": .array(parts.map { write($0, tokenizer) })]
    }
  }

  private static func write(
    _ item: TemplatePostProcessor.Item, _ tokenizer: Tokenizer
  ) -> JSONValue {
    switch item {
    case .special(let id, let segment):
      [
        "SpecialToken": [
          "id": .string(tokenizer.token(of: id) ?? ""), "type_id": .integer(Int(segment)),
        ]
      ]
    case .text(let isSecond, let segment):
      ["Sequence": ["id": isSecond ? "B" : "A", "type_id": .integer(Int(segment))]]
    }
  }
}
