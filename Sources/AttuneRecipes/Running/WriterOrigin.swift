// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttunePipelines

/// What trainings that start with a model that writes have in common.
enum WriterOrigin {
  /// The files that determine the model of a folder or of a run, for their hashes.
  static func files(of path: String) throws -> [String] {
    let folder = TrainingRun.bestModel(of: path)
    return try FileSystem.entries(of: folder)
      .filter {
        ModelFolder.isWeights($0) || $0 == ModelFolder.configurationFile || $0 == "vocab.json"
      }
      .map { FileSystem.join(folder, $0) }
  }
}

extension WriterSettings {
  /// Throws for sizes that the model of an option has already.
  func requireNoSizes(
    besides option: String, _ more: [(name: String, value: Any?)] = []
  ) throws(SettingError) {
    let own: [(name: String, value: Any?)] = [
      ("--tokenizer", tokenizer), ("--word-vectors", wordVectors),
      ("--vocabulary", vocabularySize), ("--layers", layers), ("--dimension", dimension),
      ("--heads", heads), ("--feed-forward", feedForwardDimension), ("--norm", normPlacement),
    ]
    for (name, value) in own + more {
      try SettingError.require(
        value == nil, name, value, "nothing: the model of \(option) has its own")
    }
  }

  /// Forgets the sizes of the recipe, which the model of an option has of its own.
  mutating func clearSizes() {
    (tokenizer, wordVectors, vocabularySize) = (nil, nil, nil)
    (layers, dimension, heads, feedForwardDimension) = (nil, nil, nil, nil)
    normPlacement = nil
  }

  /// The layers of a model from elsewhere, with the dropout that is asked for.
  func retrained(_ layer: TransformerLayerSettings) -> TransformerLayerSettings {
    var layer = layer
    layer.dropout = dropout ?? layer.dropout
    layer.attentionDropout = attentionDropout ?? layer.attentionDropout
    layer.feedForwardDropout = feedForwardDropout ?? layer.feedForwardDropout
    return layer
  }
}
