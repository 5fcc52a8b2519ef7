// SPDX-License-Identifier: Apache-2.0

public import AttuneData
internal import AttuneFormats

/// A file of vectors and one of their captions.
public struct CaptionFiles: Sendable, Hashable {
  /// Vectors, as `.npy`, CSV or JSON lines.
  public var vectors: String
  /// Captions with the rows of their vectors.
  public var captions: String

  /// Two files.
  public init(vectors: String, captions: String) {
    (self.vectors, self.captions) = (vectors, captions)
  }

  /// Reads both.
  ///
  /// - Parameters:
  ///   - format: How the vectors are stored; nil: as the name of their file says.
  ///   - rowColumn: The column of the row; nil: `row`.
  ///   - captionColumn: The column of the caption; nil: `caption`.
  public func open(
    format: FeatureFormat? = nil, rowColumn: String? = nil, captionColumn: String? = nil,
    encoding: TextEncoding = .utf8
  ) throws -> CaptionedVectors {
    // The captions are the smaller file, and mistakes in them more frequent.
    let table = try CaptionTable(
      path: captions, rowColumn: rowColumn ?? "row", captionColumn: captionColumn ?? "caption",
      encoding: encoding)
    return try CaptionedVectors(FeatureVectors(path: vectors, format: format), table)
  }

  var paths: [String] { [vectors, captions] }
}
