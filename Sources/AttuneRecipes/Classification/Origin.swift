// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers

/// A trained model that another training starts from.
struct Origin {
  let configuration: ClassifierConfiguration
  let tokenizer: Tokenizer
  private let folder: ModelFolder

  init(_ path: String, labels: [String]) throws {
    folder = try ModelFolder(TrainingRun.bestModel(of: path))
    tokenizer = try Tokenizer(contentsOf: folder.path)
    var configuration = try ClassifierFolder.configuration(adapting: folder, labels: labels)
    configuration.labels = labels
    self.configuration = configuration
    guard tokenizer.vocabularySize <= configuration.encoder.vocabularySize else {
      throw ClassifierTrainingError.otherTokenizer(
        folder.path, tokens: tokenizer.vocabularySize,
        entries: configuration.encoder.vocabularySize)
    }
  }

  /// Throws when the settings ask for more than the encoder has.
  func check(_ settings: ClassifierSettings) throws(ClassifierTrainingError) {
    let longest = configuration.encoder.maximumLength
    guard settings.maximumLength ?? 0 <= longest else {
      throw .outOfRange(
        setting: "--max-length", found: "\(settings.maximumLength ?? 0)",
        expected: "at most \(longest), the positions of \(folder.path)")
    }
  }

  /// The pretrained encoder with a new head.
  func model(_ configuration: ClassifierConfiguration, key: RandomKey) throws -> TextClassifier {
    try ClassifierFolder.model(adapting: folder, configuration, key: key)
  }
}
