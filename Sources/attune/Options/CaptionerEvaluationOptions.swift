// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneRecipes
import AttuneTraining

/// What captioners are measured on.
struct CaptionerEvaluationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("File of vectors.", valueName: "file"))
  var vectors: String?

  @Option(help: ArgumentHelp("File of their captions.", valueName: "file"))
  var captions: String?

  @Option(
    help: ArgumentHelp(
      "Vectors that the captioner learned from, for comparison (default: as its run says).",
      valueName: "file"))
  var trainingVectors: String?

  @Option(help: ArgumentHelp("Captions of these.", valueName: "file"))
  var trainingCaptions: String?

  @OptionGroup var reading: CaptionReadingOptions

  @Option(help: "How captions are cut into words: ptb or none.")
  var captionWords = CaptionTokenization.pennTreebank

  func validate() throws {
    if (vectors == nil) != (captions == nil) {
      throw ValidationError("--vectors and --captions belong together.")
    }
    if (trainingVectors == nil) != (trainingCaptions == nil) {
      throw ValidationError("--training-vectors and --training-captions belong together.")
    }
    if trainingVectors != nil, vectors == nil {
      throw ValidationError("--training-vectors needs --vectors and --captions.")
    }
  }

  /// The files to measure with, if a captioner is to be measured.
  var files: CaptionFiles? {
    guard let vectors, let captions else { return nil }
    return CaptionFiles(vectors: vectors, captions: captions)
  }

  /// What the captioner learned from; nil, and a note says why, where that cannot be told.
  func training(
    ofModel path: String?, encoding: TextEncoding?, _ diagnostics: Diagnostics
  ) throws -> CaptionedVectors? {
    if let trainingVectors, let trainingCaptions {
      return try reading.open(
        CaptionFiles(vectors: trainingVectors, captions: trainingCaptions), encoding: encoding)
    }
    let how =
      "so the captions of the nearest training vectors are not compared with. Give them: "
      + "--training-vectors FILE --training-captions FILE."
    guard let path, let data = try CaptionerRunData(ofModel: path) else {
      diagnostics.note("the model's folder is not in a training run, \(how)")
      return nil
    }
    guard data.missing.isEmpty else {
      diagnostics.note("\(data.missing.joined(separator: " and ")): not there any more, \(how)")
      return nil
    }
    return try data.open()
  }
}
