// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneTensors
import AttuneTokenizers
import AttuneTraining

/// How fast a tokenizer encodes texts, or what it makes of them.
struct EncodeCommand: ParsableCommand {
  /// What is printed of each text.
  enum Printed: String, ExpressibleByArgument, CaseIterable {
    case ids, offsets
  }

  static let configuration = CommandConfiguration(
    commandName: "encode", abstract: "Times a tokenizer on texts.",
    discussion: "compare_tokenizers.py compares ids, places and speed with the tokenizers package.")

  @Argument(help: "Model folder, or a file of a tokenizer.") var tokenizer: String
  @Argument(help: "Texts, one JSON string a line, gzip or not.") var texts: String
  @Option(help: "Print what each text becomes, one text a line, instead of the time.")
  var print: Printed?
  @Option(help: "Threads that share the texts.") var threads = 1
  @OptionGroup var turns: Turns

  func validate() throws {
    guard threads > 0 else { throw ValidationError("--threads must be positive") }
  }

  func run() throws {
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    let texts = try TextLines.read(texts)
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
    Report.write(output)
  }

  private func report(_ tokenizer: Tokenizer, _ texts: [String]) throws {
    let bytes = Double(texts.reduce(0) { $0 + $1.utf8.count })
    Parallel.threadCount = threads
    var tokens = 0
    // A pass over some megabytes is a few hundredths of a second: too short to be timed alone.
    func rate(_ encode: (String) -> Int) -> Double {
      var (passes, seconds) = (0.0, 0.0)
      while seconds < 0.3 {
        seconds += Stopwatch.seconds {
          tokens = Parallel.map(texts.count, chunk: 16) { encode(texts[$0]) }.reduce(0, +)
        }
        passes += 1
      }
      return passes * bytes / 1e6 / seconds
    }
    try turns.run(after: [
      ("benchmark", "encode"), ("peer", "attune"), ("texts", .integer(texts.count)),
      ("megabytes", .number(bytes / 1e6)), ("threads", .integer(threads)),
    ]) {
      [
        ("megabytes_per_second", .number(rate { tokenizer.encodeIDs($0).count })),
        ("megabytes_per_second_with_offsets", .number(rate { tokenizer.encode($0).ids.count })),
        ("tokens", .integer(tokens)),
        ("peak_mib", .number(PeakMemory.mebibytes)),
      ]
    }
  }
}
