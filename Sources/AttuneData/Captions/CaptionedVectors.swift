// SPDX-License-Identifier: Apache-2.0

/// Vectors and the captions of each.
///
/// ```swift
/// let data = try CaptionedVectors(
///   FeatureVectors(path: "train.npy"), CaptionTable(path: "train.csv"))
/// ```
public struct CaptionedVectors: Sendable {
  /// The vectors.
  public let vectors: FeatureVectors
  /// The file of the captions, for messages.
  public let captionName: String
  /// The captions of each vector, in the order of their file; perhaps none.
  public let captions: [[String]]
  /// The vectors that have no caption, in rising order.
  public let rowsWithoutCaption: [Int]

  /// Joins the two; throws for the first caption whose vector is not there.
  public init(
    _ vectors: FeatureVectors, _ table: CaptionTable
  ) throws(CaptionError) {
    var captions = [[String]](repeating: [], count: vectors.count)
    for caption in table.captions {
      guard captions.indices.contains(caption.row) else {
        throw CaptionError(
          file: table.name, line: caption.line > 0 ? caption.line : nil,
          .rowOutOfRange(row: caption.row, count: vectors.count, vectors: vectors.name))
      }
      captions[caption.row].append(caption.text)
    }
    (self.vectors, captionName, self.captions) = (vectors, table.name, captions)
    rowsWithoutCaption = captions.indices.filter { captions[$0].isEmpty }
  }

  /// The vectors that have captions, in rising order.
  public var captionedRows: [Int] { captions.indices.filter { !captions[$0].isEmpty } }

  /// How many captions there are.
  public var captionCount: Int { captions.reduce(0) { $0 + $1.count } }

  /// What a user should know of vectors without a caption: how many, and which come first; nil when there are none.
  public var warning: String? {
    guard !rowsWithoutCaption.isEmpty else { return nil }
    return
      "\(captionName): \(rowsWithoutCaption.count) of \(vectors.count) vectors have no caption "
      + "and are left out: \(Self.list(rowsWithoutCaption)), counted from 0."
  }

  /// Throws unless every vector has a caption.
  public func requireCaptions() throws(CaptionError) {
    guard rowsWithoutCaption.isEmpty else {
      throw CaptionError(
        file: captionName, .withoutCaption(rows: rowsWithoutCaption, vectors: vectors.name))
    }
  }

  /// The first of some rows, in words.
  static func list(_ rows: [Int]) -> String {
    let shown = rows.prefix(10).map(String.init).joined(separator: ", ")
    let rest = rows.count > 10 ? " and \(rows.count - 10) more" : ""
    return "\(rows.count == 1 ? "row" : "rows") \(shown)\(rest)"
  }
}
