// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneTensors

extension Translation {
  /// The translator from English into French that is compiled into the package.
  ///
  /// - Parameter precision: What the products of its maps are computed in; nil: in what it has.
  /// - Throws: `MissingBundledModelError` if the package was built without it.
  public static func bundled(precision: PackedMatrix.Format? = nil) throws -> Translation {
    let folder = try BundledModel.translator.folder()
    return Translation(
      try OpenTranslator(folder, packing: WeightPacking(precision)), precision: precision)
  }
}
