// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttunePipelines

/// How attention is shown.
enum AlignmentFormat: String, CaseIterable, ExpressibleByArgument {
  case table, json, svg
}

/// How translations are printed.
struct TranslationFormat {
  let isJSON: Bool
  let alignment: AlignmentFormat?
  let hypothesisCount: Int
  private let pictures = AlignmentPictures()

  init(isJSON: Bool, alignment: AlignmentFormat?, hypothesisCount: Int) {
    self.isJSON = isJSON
    self.alignment = alignment
    self.hypothesisCount = hypothesisCount
  }

  /// Whether it tells how translations are scored.
  var showsScores: Bool { isJSON || hypothesisCount > 1 }

  /// What stands behind the last translation.
  var footer: String { alignment == .svg ? pictures.document : "" }

  /// The lines of a translation; `number` counts the texts from 1.
  func text(of translated: Translation.Translated, number: Int) throws -> [UInt8] {
    if isJSON { return try json(of: translated).serialized(.compact) + [0x0A] }
    let lines = translated.hypotheses.map { candidate in
      let line =
        hypothesisCount == 1
        ? candidate.text : "\(number)\t\(candidate.score.decimal(4))\t\(candidate.text)"
      return shown(line, candidate.alignment)
    }
    return Array(lines.joined().utf8)
  }

  /// The line of a given translation.
  func text(
    of score: Translation.ReferenceScore, source: String, reference: String
  ) throws -> [UInt8] {
    guard isJSON else {
      let line = "\(score.score.decimal(4))\t\(reference)"
      return Array(shown(line, score.alignment).utf8)
    }
    var members: [(String, JSONValue)] = [
      ("source", .string(source)), ("text", .string(reference)), ("score", .number(score.score)),
      ("log_probability", .number(score.logProbability)),
      ("tokens", .array(score.tokens.map { .string($0) })),
      ("token_log_probabilities", .array(score.logProbabilities.map { .number($0) })),
    ]
    if let alignment = score.alignment { members.append(("alignment", alignment.json)) }
    return try JSONValue.object(JSONObject(members)).serialized(.compact) + [0x0A]
  }

  private func shown(_ line: String, _ found: Translation.Alignment?) -> String {
    guard let found, let alignment else { return line + "\n" }
    switch alignment {
    case .table: return "\(line)\n\(found.table)\n"
    case .json: return line + "\n"
    case .svg:
      pictures.append(found, caption: line)
      return ""
    }
  }

  private func json(of translated: Translation.Translated) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("source", .string(translated.source)), ("text", .string(translated.text)),
      ("score", .number(translated.score)),
    ]
    if hypothesisCount > 1 {
      members.append(
        (
          "hypotheses",
          .array(
            translated.hypotheses.map { candidate in
              .object(
                JSONObject(
                  [("text", .string(candidate.text)), ("score", .number(candidate.score))]
                    + aligned(candidate)))
            })
        ))
    } else {
      members += aligned(translated.hypotheses[0])
    }
    if translated.truncatedCount > 0 {
      members.append(("tokens_cut", .integer(translated.truncatedCount)))
    }
    return .object(JSONObject(members))
  }

  private func aligned(_ candidate: Translation.Candidate) -> [(String, JSONValue)] {
    candidate.alignment.map { [("alignment", $0.json)] } ?? []
  }
}
