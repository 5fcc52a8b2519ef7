// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats

/// What is to be said of a model whose weights cannot be read since another program quantized them.
struct QuantizedInspection: ResultDocument {
  private let path: String
  private let error: QuantizedWeightsError
  private let family: String
  private let architectures: [String]

  init(_ error: QuantizedWeightsError, path: String) throws {
    (self.path, self.error) = (path, error)
    let configuration = try InputFile.json(of: error.path)
    family = try configuration.optionalString(at: "model_type") ?? "not told"
    architectures =
      try configuration.has("architectures") ? configuration.strings(at: "architectures") : []
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    [
      "model": .string(path), "family": .string(family),
      "architectures": .array(architectures.map { .string($0) }),
      "quantization": [
        "method": .string(error.method), "bits": error.bitCount.map { .integer($0) } ?? .null,
      ],
      "uses": [], "notes": [.string(error.advice)],
    ]
  }

  /// The table for people, and below it what they can do.
  var text: String {
    var facts = TextTable(.left)
    facts.append(["model", path])
    facts.append(["family", family + (architectures.first.map { " (\($0))" } ?? "")])
    facts.append(["weights", "quantized by \(error.kind)"])
    facts.append(["use", "none: such weights are not read"])
    return facts.text + "\n" + error.advice + "\n"
  }
}
