// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Writes a matrix to an `.npy` file row by row; how many rows there are need not be known before the end.
///
/// The file appears when `commit()` is called, with the very bytes that `numpy.save` would write.
public final class NumpyArrayWriter {
  /// Numbers of a row.
  public let columnCount: Int
  /// Rows written so far.
  public private(set) var rowCount = 0
  private let type: NumpyType
  private let file: AtomicFile
  private let headerSize: Int

  /// Starts a file.
  public init(
    path: String, columnCount: Int, storage kind: NumpyType.Kind = .float32,
    existing: AtomicFile.Existing = .refuse
  ) throws(FileError) {
    precondition(
      [.float16, .float32, .float64].contains(kind), "numbers are written as floats, not \(kind)")
    self.columnCount = columnCount
    type = NumpyType(kind)
    file = try AtomicFile(path, existing: existing)
    let header = NumpyHeader(type: type, shape: [0, columnCount]).bytes
    headerSize = header.count
    try file.write(header)
  }

  /// Appends whole rows.
  public func append(_ values: [Float]) throws(FileError) {
    precondition(
      columnCount > 0 && values.count.isMultiple(of: columnCount),
      "\(values.count) numbers are no rows of \(columnCount)")
    try file.write(type.bytes(of: values))
    rowCount += values.count / columnCount
  }

  /// Writes how many rows there are and gives the file its name.
  public func commit() throws(FileError) {
    let header = NumpyHeader(type: type, shape: [rowCount, columnCount]).bytes
    precondition(header.count == headerSize, "the header outgrew its place")
    try file.overwrite(header, at: 0)
    try file.commit()
  }
}

extension NumpyType {
  /// The stored form of numbers, lowest byte first; a float16 too large becomes infinite.
  fileprivate func bytes(of values: [Float]) -> [UInt8] {
    switch kind {
    case .float16: stored(values) { HalfPrecision.bits($0).littleEndian }
    case .float64: stored(values) { Double($0).bitPattern.littleEndian }
    default: stored(values) { $0.bitPattern.littleEndian }
    }
  }

  private func stored<Stored>(_ values: [Float], _ convert: (Float) -> Stored) -> [UInt8] {
    values.map(convert).withUnsafeBytes { Array($0) }
  }
}
