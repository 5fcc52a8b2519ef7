// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines

/// How captions are printed.
struct CaptionFormat {
  let isJSON: Bool
  let hypothesisCount: Int

  /// Whether it tells how captions are scored.
  var showsScores: Bool { isJSON || hypothesisCount > 1 }

  /// The lines of an item.
  func text(of caption: VectorToText.Captioned) throws -> [UInt8] {
    if isJSON { return try json(of: caption).serialized(.compact) + [0x0A] }
    guard hypothesisCount > 1 else { return Array("\(caption.text)\n".utf8) }
    let lines = caption.hypotheses.map { "\(caption.row)\t\($0.score.decimal(4))\t\($0.text)\n" }
    return Array(lines.joined().utf8)
  }

  private func json(of caption: VectorToText.Captioned) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("row", .integer(caption.row)), ("text", .string(caption.text)),
      ("score", .number(caption.score)),
    ]
    if hypothesisCount > 1 {
      members.append(
        (
          "hypotheses",
          .array(
            caption.hypotheses.map { ["text": .string($0.text), "score": .number($0.score)] })
        ))
    }
    return .object(JSONObject(members))
  }
}
