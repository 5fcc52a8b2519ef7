// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The Unigram model inside `tokenizer.json`.
enum UnigramFile {
  static func read(_ field: JSONField) throws(JSONFieldError) -> Unigram {
    try field.refuseKeys(notIn: ["type", "unk_id", "vocab", "byte_fallback"])
    let place = try field.field(at: "vocab")
    let rows = try field.array(at: "vocab")
    guard 1...TokenizerLimits.tokens ~= rows.count else {
      throw place.error("\(rows.count) pieces, expected 1 to \(TokenizerLimits.tokens).")
    }
    var vocabulary = Vocabulary()
    var scores: [Double] = []
    scores.reserveCapacity(rows.count)
    for (index, row) in rows.enumerated() {
      guard case .array(let values) = row, values.count == 2,
        case .string(var piece) = values[0], let score = values[1].doubleValue
      else { throw place.error("entry \(index): expected an array of a piece and its score.") }
      guard piece.utf8.count <= TokenizerLimits.tokenBytes else {
        throw place.error(
          "entry \(index): \(piece.utf8.count) bytes, expected at most "
            + "\(TokenizerLimits.tokenBytes).")
      }
      piece.withUTF8 { vocabulary.append($0) }
      scores.append(score)
    }
    // Without it a text with an unknown character has no encoding, and any text may have one.
    let unknownID = try field.integer(at: "unk_id", in: 0...rows.count - 1)
    return Unigram(
      vocabulary: vocabulary, scores: scores, unknownID: Int32(unknownID),
      fallsBackToBytes: try field.optionalBool(at: "byte_fallback") ?? false)
  }

  static func write(_ model: Unigram) -> JSONValue {
    [
      "type": "Unigram", "unk_id": .integer(Int(model.unknownID)),
      "vocab": .array(
        zip(model.vocabulary.indices, model.scores).map { id, score in
          [.string(String(decoding: model.vocabulary[id], as: UTF8.self)), .number(score)]
        }),
      "byte_fallback": .bool(model.fallsBackToBytes),
    ]
  }
}
