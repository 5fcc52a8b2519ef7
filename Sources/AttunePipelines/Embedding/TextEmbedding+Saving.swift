// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneModels
internal import AttuneTokenizers

extension TextEmbedding {
  /// Writes a folder that `sentence_transformers.SentenceTransformer` opens with equal vectors.
  ///
  /// - Parameter overwriting: Whether a model that stands there may be replaced.
  public func save(to path: String, overwriting: Bool = false) throws {
    var configuration = configuration
    configuration.maximumLength = maximumLength
    try ModelFolder.create(path, overwriting: overwriting) { writer in
      try EmbedderFolder.write(model, configuration, with: writer)
      for file in try tokenizer.files(maximumLength: maximumLength) {
        try writer.write(file.bytes, to: file.name)
      }
    }
  }
}
