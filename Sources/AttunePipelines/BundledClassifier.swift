// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats
public import AttuneModels
public import AttuneTokenizers
internal import CAttuneBundledModel

/// The classifier of English reviews that is compiled into the package.
public enum BundledClassifier {
  /// What messages call it.
  static let name = "bundled model"

  /// Returns the classifier and its tokenizer.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public static func open(
    packing: WeightPacking = .none
  ) throws -> (classifier: ClassifierFolder, tokenizer: Tokenizer) {
    let json = try JSONValue(parsing: bytes(attune_bundled_configuration()), source: name)
    let weights = try SafetensorsFile(bytes: bytes(attune_bundled_weights()), name: name)
    return (
      try ClassifierFolder(
        configuration: JSONField(json, source: name), weights: weights, packing: packing),
      try Tokenizer(tokenizerJSON: bytes(attune_bundled_tokenizer()), source: name)
    )
  }

  private static func bytes(_ file: attune_bundled_file) -> [UInt8] {
    Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
  }
}
