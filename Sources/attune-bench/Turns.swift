// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats

/// Rounds of a measurement: one after the other, or one for each line of standard input, so that contestants can take turns.
struct Turns: ParsableArguments {
  @Option(help: "Rounds, each with a line of results.") var rounds = 3
  @Flag(help: "Make a round for each line of standard input instead.") var turns = false

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds must be positive") }
  }

  /// Prints `facts`, then what each round returns.
  func run(
    after facts: [(String, JSONValue)], _ round: () throws -> [(String, JSONValue)]
  ) throws {
    try Report.print(facts)
    var made = 0
    while turns ? readLine() != nil : made < rounds {
      try Report.print(try round())
      made += 1
    }
  }
}

/// Texts of a file, one JSON string a line, gzip or not.
enum TextLines {
  static func read(_ path: String) throws -> [String] {
    try InputFile.bytes(of: path).split(separator: UInt8(ascii: "\n")).map { line in
      try JSONField(try JSONValue(parsing: Array(line), source: path), source: path).string()
    }
  }
}
