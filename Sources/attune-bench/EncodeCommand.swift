// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneTokenizers
import AttuneTraining
import Foundation

/// How fast a tokenizer encodes texts, or what it makes of them.
struct EncodeCommand: ParsableCommand {
  /// What is printed of each text.
  enum Printed: String, ExpressibleByArgument, CaseIterable {
    case ids, offsets
  }

  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Times a tokenizer on texts, one after the other.",
    discussion: "compare_tokenizers.py compares ids, places and speed with the tokenizers package.")

  @Argument(help: "Model folder, or a file of a tokenizer.") var tokenizer: String
  @Argument(help: "Texts, one JSON string a line, gzip or not.") var texts: String
  @Option(help: "Print what each text becomes, one text a line, instead of the time.")
  var print: Printed?
  @Option(help: "How often the texts are encoded; the fastest round counts.") var rounds = 3

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be positive") }
  }

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    let texts = try lines()
    guard let print else { return try report(tokenizer, texts) }
    var output = ""
    for text in texts {
      let encoding = tokenizer.encode(text)
      let words =
        switch print {
        case .ids: encoding.ids.map(String.init)
        case .offsets: encoding.offsets.map { "\($0.lowerBound):\($0.upperBound)" }
        }
      output += words.joined(separator: " ") + "\n"
    }
    try FileHandle.standardOutput.write(contentsOf: Data(output.utf8))
  }

  private func lines() throws -> [String] {
    var lines: [String] = []
    for line in try InputFile.bytes(of: texts).split(separator: UInt8(ascii: "\n")) {
      let value = JSONField(try JSONValue(parsing: Array(line), source: texts), source: texts)
      lines.append(try value.string())
    }
    return lines
  }

  private func report(_ tokenizer: Tokenizer, _ texts: [String]) throws {
    let bytes = Double(texts.reduce(0) { $0 + $1.utf8.count })
    var count = 0
    func rate(_ encode: (String) -> Int) -> Double {
      let times = (0..<rounds).map { _ in
        ContinuousClock().measure { count = texts.reduce(0) { $0 + encode($1) } }
      }
      let least = times.min() ?? .zero
      return bytes / 1e6 / max(1e-9, least / .seconds(1))
    }
    let ids = rate { tokenizer.encodeIDs($0).count }
    let places = rate { tokenizer.encode($0).ids.count }
    try Report.print([
      ("benchmark", "encode"), ("peer", "attune"), ("texts", .integer(texts.count)),
      ("megabytes", .number(bytes / 1e6)), ("tokens", .integer(count)),
      ("megabytes_per_second", .number(ids)),
      ("megabytes_per_second_with_offsets", .number(places)),
      ("peak_mib", .number(PeakMemory.mebibytes)),
    ])
  }
}
