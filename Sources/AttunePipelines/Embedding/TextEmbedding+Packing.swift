// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
public import AttuneTensors

extension TextEmbedding {
  /// Returns the same embedder with its weights stored otherwise; vectors change as they are rounded.
  public func packed(as format: PackedMatrix.Format) -> TextEmbedding {
    var copy = self
    copy.model = model.prepared(for: format)
    return copy
  }
}
