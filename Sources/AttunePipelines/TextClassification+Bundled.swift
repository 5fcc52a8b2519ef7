// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

extension TextClassification {
  /// The classifier of English reviews that is compiled into the package; labels `negative` and `positive`.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in what it has.
  public static func bundled(
    precision: PackedMatrix.Format? = nil
  ) throws -> TextClassification {
    try TextClassification(BundledModel.classifier.folder(), precision: precision)
  }
}
