// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension TokenizerFile {
  /// Reads byte-pair encoding; `isByteLevel` says how the vocabulary is written.
  static func bpe(
    _ field: JSONField, added: [AddedToken], isByteLevel: Bool
  ) throws(JSONFieldError) -> BPE {
    try field.refuseKeys(notIn: [
      "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
      "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges",
    ])
    let vocabulary = try vocabulary(try field.field(at: "vocab"), added: added)
    let settings = try settings(field, vocabulary, isByteLevel: isByteLevel)
    let merges = try merges(
      try field.field(at: "merges"), vocabulary, after: settings.continuingPrefix)
    return BPE(vocabulary: vocabulary, merges: merges, settings: settings)
  }

  private static func settings(
    _ field: JSONField, _ vocabulary: Vocabulary, isByteLevel: Bool
  ) throws(JSONFieldError) -> BPE.Settings {
    var settings = BPE.Settings()
    settings.isByteLevel = isByteLevel
    settings.unknownToken = try unknownToken(field, vocabulary)
    settings.continuingPrefix = try affix(field, "continuing_subword_prefix")
    settings.endOfWordSuffix = try affix(field, "end_of_word_suffix")
    settings.fusesUnknown = try field.optionalBool(at: "fuse_unk") ?? false
    settings.fallsBackToBytes = try field.optionalBool(at: "byte_fallback") ?? false
    settings.ignoresMerges = try field.optionalBool(at: "ignore_merges") ?? false
    if let dropout = try field.optionalDouble(at: "dropout"), dropout != 0 {
      throw try field.field(at: "dropout").error(
        "found \(dropout): merges that are left out by chance give a text other ids each time. "
          + "Set it to null.")
    }
    let hasAffix = !settings.continuingPrefix.isEmpty || !settings.endOfWordSuffix.isEmpty
    if settings.fallsBackToBytes, hasAffix || isByteLevel {
      throw try field.field(at: "byte_fallback").error(
        "found true, which is supported neither with a prefix or suffix nor with ByteLevel.")
    }
    return settings
  }

  /// Old files hold an empty text where there is no unknown token.
  private static func unknownToken(
    _ field: JSONField, _ vocabulary: Vocabulary
  ) throws(JSONFieldError) -> String? {
    guard let token = try field.optionalString(at: "unk_token"), !token.isEmpty else { return nil }
    guard vocabulary.id(of: token) != nil else {
      throw try field.field(at: "unk_token").error(
        "'\(shortened(token))' is not among the \(vocabulary.count) tokens of model.vocab.")
    }
    return token
  }

  private static func affix(_ field: JSONField, _ key: String) throws(JSONFieldError) -> String {
    let text = try field.optionalString(at: key) ?? ""
    guard text.utf8.count <= TokenizerLimits.patternBytes else {
      throw try field.field(at: key).error(
        "\(text.utf8.count) bytes, expected at most \(TokenizerLimits.patternBytes).")
    }
    return text
  }

  /// Reads pairs of tokens, each as `"a b"` or as `["a", "b"]`.
  private static func merges(
    _ field: JSONField, _ vocabulary: Vocabulary, after prefix: String
  ) throws(JSONFieldError) -> [BPE.Merge] {
    guard case .array(let values)? = field.value else {
      _ = try field.array()
      return []
    }
    guard values.count <= TokenizerLimits.merges else {
      throw field.error("\(values.count) merges, expected at most \(TokenizerLimits.merges).")
    }
    var merges: [BPE.Merge] = []
    merges.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      // Files that were made from merges.txt may still have its first line.
      if case .string(let line) = value, line.hasPrefix("#version") { continue }
      switch MergeReader.merge(value, vocabulary, after: Array(prefix.utf8)) {
      case .success(let merge): merges.append(merge)
      case .failure(let problem): throw field.error("[\(index)]: \(problem.text)")
      }
    }
    return merges
  }

  static func write(_ bpe: BPE) -> JSONValue {
    let settings = bpe.settings
    func token(_ id: Int32) -> JSONValue {
      .string(String(decoding: bpe.vocabulary[id], as: UTF8.self))
    }
    return [
      "type": "BPE", "dropout": nil, "unk_token": settings.unknownToken.map { .string($0) } ?? nil,
      "continuing_subword_prefix": .string(settings.continuingPrefix),
      "end_of_word_suffix": .string(settings.endOfWordSuffix),
      "fuse_unk": .bool(settings.fusesUnknown), "byte_fallback": .bool(settings.fallsBackToBytes),
      "ignore_merges": .bool(settings.ignoresMerges), "vocab": write(bpe.vocabulary),
      "merges": .array(bpe.merges.map { .array([token($0.left), token($0.right)]) }),
    ]
  }
}
