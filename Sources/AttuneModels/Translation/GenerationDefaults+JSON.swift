// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

extension GenerationDefaults {
  static let file = "generation_config.json"

  /// Reads `generation_config.json`, or where a key is not in it the `config.json` of older files.
  ///
  /// - Parameters:
  ///   - generation: The file; nil: there is none.
  ///   - json: `config.json`.
  init(
    _ generation: JSONField?, _ json: JSONField, _ tokens: TranslatorTokens, vocabularySize: Int,
    longest: Int
  ) throws(JSONFieldError) {
    func place(_ key: String) throws(JSONFieldError) -> JSONField? {
      for file in [generation, json] {
        guard let file, try file.has(key), try file.field(at: key).value != .null else { continue }
        return file
      }
      return nil
    }
    let widest = 1 << 10
    self.init(
      forbidden: [tokens.padding], maximumLength: longest,
      beamWidth: try place("num_beams")?.integer(at: "num_beams", in: 1...widest) ?? 1,
      lengthPenalty: try place("length_penalty").map(Self.lengthPenalty) ?? 1)
    if let length = try place("max_length")?.integer(at: "max_length", in: 1...(1 << 24)) {
      maximumLength = min(length, longest)
    }
    var known = Set(forbidden)
    for words in try place("bad_words_ids")?.fields(at: "bad_words_ids") ?? [] {
      // Forbidden sequences of several tokens are no setting here.
      guard case .array(let ids)? = words.value, ids.count == 1, case .integer(let id) = ids[0],
        0..<vocabularySize ~= id, known.insert(Int32(id)).inserted
      else { continue }
      forbidden.append(Int32(id))
    }
  }

  /// Beyond it scores are no longer finite.
  private static let largestPenalty = 100.0

  private static func lengthPenalty(_ file: JSONField) throws(JSONFieldError) -> Double {
    let penalty = try file.double(at: "length_penalty")
    guard abs(penalty) <= largestPenalty else {
      throw try file.field(at: "length_penalty").error(
        "found \(penalty), expected a number from \(-largestPenalty) to \(largestPenalty).")
    }
    return penalty
  }

  /// `generation_config.json`.
  func json(_ tokens: TranslatorTokens) -> JSONValue {
    [
      "bad_words_ids": .array(forbidden.map { [.integer(Int($0))] }),
      "decoder_start_token_id": .integer(Int(tokens.start)),
      "eos_token_id": .integer(Int(tokens.end)),
      "forced_eos_token_id": .integer(Int(tokens.end)),
      "length_penalty": .number(lengthPenalty),
      "max_length": .integer(maximumLength),
      "num_beams": .integer(beamWidth),
      "pad_token_id": .integer(Int(tokens.padding)),
    ]
  }
}
