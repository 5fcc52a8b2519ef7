// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneDecoding
import AttunePipelines

/// How translators and captioners write what is measured.
struct WriterEvaluationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Beginnings that a search keeps (default: as the model's folder says).", valueName: "count"))
  var beamSize: Int?

  @Option(
    help: ArgumentHelp(
      "p in score = log-probability / length^p (default: as the folder says).", valueName: "p"))
  var lengthPenalty: Double?

  @Option(help: ArgumentHelp("Inputs worked on together (default: 64).", valueName: "count"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Most tokens of a result (default: 256).", valueName: "count"))
  var maxDecodingLength: Int?

  @Option(
    name: [.customLong("save-translations"), .customLong("save-captions")],
    help: ArgumentHelp("Write the results into this file, a line each.", valueName: "file"))
  var saved: String?

  func validate() throws {
    for (name, value, most) in [
      ("--beam-size", beamSize, DecodingOptions.widestBeam), ("--batch-size", batchSize, 1 << 20),
      ("--max-decoding-length", maxDecodingLength, 1 << 20),
    ] {
      if let value, !(1...most ~= value) {
        throw ValidationError("\(name) is \(value), expected a number from 1 to \(most).")
      }
    }
    if let lengthPenalty, !(abs(lengthPenalty) <= DecodingOptions.largestPenalty) {
      throw ValidationError(
        "--length-penalty is \(lengthPenalty), expected a number from -\(DecodingOptions.largestPenalty) to "
          + "\(DecodingOptions.largestPenalty).")
    }
  }

  /// How the model works.
  var options: WritingOptions {
    var options = WritingOptions()
    options.beamSize = beamSize
    options.length = lengthPenalty.map { .power($0) }
    options.maximumLength = maxDecodingLength
    if let batchSize { options.batchSize = batchSize }
    // Texts are compared, whatever their scores.
    options.returnsScores = false
    return options
  }

  /// Starts the file of the results where one was asked for; that it can be made shows before the work.
  func openSaved(overwrites: Bool) throws -> ResultOutput? {
    try saved.map { try ResultOutput(path: $0, overwrites: overwrites) }
  }
}
