// SPDX-License-Identifier: Apache-2.0

extension TextClassification {
  /// The classifier of English reviews that is compiled into the package; labels `negative` and `positive`.
  public static func bundled() throws -> TextClassification {
    let (classifier, tokenizer) = try BundledClassifier.open()
    return try TextClassification(
      classifier, tokenizer: tokenizer, source: BundledClassifier.name)
  }
}
