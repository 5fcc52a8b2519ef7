// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneRecipes

/// How files of vectors and captions are read.
struct CaptionReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How vectors are stored: npy, csv or jsonl (default: by the name of their file).",
      valueName: "format"))
  var vectorsFormat: FeatureFormat?

  @Option(help: ArgumentHelp("Column or key of a vector's row, from 0.", valueName: "name"))
  var rowColumn: String?

  @Option(help: ArgumentHelp("Column or key of a caption.", valueName: "name"))
  var captionColumn: String?

  /// Reads vectors and their captions.
  func open(_ files: CaptionFiles, encoding: TextEncoding?) throws -> CaptionedVectors {
    try files.open(
      format: vectorsFormat, rowColumn: rowColumn, captionColumn: captionColumn,
      encoding: encoding ?? .utf8)
  }
}
