// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A tiny model that tells two sets of words apart, trained once for all tests.
enum TrainedModel {
  /// A hundred texts of each label.
  static let reviews: String = {
    var random = SplitMix(seed: 1)
    let words = [["bad", "awful", "boring"], ["good", "great", "lovely"]]
    var rows = "id,text,label\n"
    for row in 0..<200 {
      var text = (0..<2).compactMap { _ in words[row % 2].randomElement(using: &random) }
      text += (0..<4).compactMap { _ in
        ["film", "the", "plot", "of", "story"].randomElement(using: &random)
      }
      text.shuffle(using: &random)
      rows += "\(row),\(text.joined(separator: " ")),\(row % 2 == 0 ? "negative" : "positive")\n"
    }
    return rows
  }()

  /// Sizes with which an epoch takes milliseconds.
  static let sizes = [
    "--layers", "1", "--dimension", "16", "--heads", "2", "--vocabulary", "200", "--max-length",
    "16", "--batch-size", "16", "--learning-rate", "0.01", "--dropout", "0", "--token-dropout",
    "0", "--patience", "0",
  ]

  private static let program = Result { () throws -> Program in
    let program = try Program()
    try program.folder.write(reviews, to: "reviews.csv")
    let result = try program.run(
      ["train", "classifier", "reviews.csv", "--output", "run", "--epochs", "30"] + sizes)
    #expect(result.status == 0, "\(result.error)")
    // Nothing ends the life of a static value but the process.
    atexit { TrainedModel.remove() }
    return program
  }

  private static func remove() {
    if case .success(let program) = program { try? FileSystem.remove(program.folder.path) }
  }

  /// The folder of the run.
  static var path: String { get throws { try program.get().folder.path("run") } }

  /// Copies the best model into a folder, to be damaged.
  static func copy(into folder: TemporaryFolder, as name: String = "model") throws -> String {
    let best = FileSystem.join(try path, "best")
    for part in ["", "1_Pooling", "2_Dense"] {
      let source = FileSystem.join(best, part)
      for file in try FileSystem.entries(of: source) {
        let path = FileSystem.join(source, file)
        if !FileSystem.isFolder(path) {
          try folder.write(
            InputFile.bytes(of: path),
            to: FileSystem.join(FileSystem.join(name, part), file))
        }
      }
    }
    return folder.path(name)
  }
}
