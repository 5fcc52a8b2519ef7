// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneModels
internal import AttuneTokenizers
internal import CAttuneBundledModel

extension TextClassification {
  /// The classifier of English reviews that is compiled into the package; labels `negative` and `positive`.
  public static func bundled() throws -> TextClassification {
    let source = "bundled model"
    let json = try JSONValue(parsing: bytes(attune_bundled_configuration()), source: source)
    let weights = try SafetensorsFile(bytes: bytes(attune_bundled_weights()), name: source)
    return try TextClassification(
      ClassifierFolder(configuration: JSONField(json, source: source), weights: weights),
      tokenizer: Tokenizer(tokenizerJSON: bytes(attune_bundled_tokenizer()), source: source),
      source: source)
  }

  private static func bytes(_ file: attune_bundled_file) -> [UInt8] {
    Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }
}
