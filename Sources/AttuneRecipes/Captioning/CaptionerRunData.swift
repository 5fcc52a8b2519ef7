// SPDX-License-Identifier: Apache-2.0

public import AttuneData
internal import AttuneFormats
internal import AttunePipelines

/// Where the vectors and captions lay that a captioner learned from: what a yardstick copies captions from.
public struct CaptionerRunData: Sendable, Hashable {
  /// The files.
  public let files: CaptionFiles
  /// How the vectors are stored; nil: as the name of their file says.
  public let format: FeatureFormat?
  /// The column of the row.
  public let rowColumn: String?
  /// The column of the caption.
  public let captionColumn: String?
  /// How the captions are encoded.
  public let encoding: TextEncoding

  init(_ request: CaptionerTraining.Request, _ settings: CaptionerSettings) {
    files = CaptionFiles(
      vectors: FileSystem.absolute(request.data.vectors),
      captions: FileSystem.absolute(request.data.captions))
    format = settings.vectorsFormat.flatMap { FeatureFormat(rawValue: $0) }
    (rowColumn, captionColumn) = (settings.rowColumn, settings.captionColumn)
    encoding = TextEncoding(rawValue: settings.encoding ?? "utf8") ?? .utf8
  }

  /// Reads what the run of a model says; nil if the folder is of no run.
  ///
  /// - Parameter path: The run's folder, or that of one of its models.
  public init?(ofModel path: String) throws {
    let places = [path, FileSystem.parent(of: FileSystem.absolute(path))]
    guard let run = places.map(TrainingRun.init).first(where: { FileSystem.exists($0.settings) })
    else { return nil }
    let json = try InputFile.json(of: run.settings)
    guard try json.has("data", "vectors") else { return nil }
    files = CaptionFiles(
      vectors: try json.string(at: "data", "vectors"),
      captions: try json.string(at: "data", "captions"))
    let settings = try CaptionerSettings(json.field(at: "settings"))
    format = settings.vectorsFormat.flatMap { FeatureFormat(rawValue: $0) }
    (rowColumn, captionColumn) = (settings.rowColumn, settings.captionColumn)
    encoding = TextEncoding(rawValue: settings.encoding ?? "utf8") ?? .utf8
  }

  /// The files that are not there any more.
  public var missing: [String] { files.paths.filter { !FileSystem.exists($0) } }

  /// Reads both files.
  public func open() throws -> CaptionedVectors {
    try files.open(
      format: format, rowColumn: rowColumn, captionColumn: captionColumn, encoding: encoding)
  }

  var json: JSONValue {
    ["vectors": .string(files.vectors), "captions": .string(files.captions)]
  }
}
