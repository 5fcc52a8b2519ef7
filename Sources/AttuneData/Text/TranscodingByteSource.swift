// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The text of another encoding as UTF-8, piece by piece.
public final class TranscodingByteSource: ByteSource {
  private let source: any ByteSource
  private let encoding: TextEncoding
  private var input = [UInt8](repeating: 0, count: 1 << 15)
  private var output: [UInt8] = []
  private var outputPosition = 0
  private var offset = 0
  private var carried: [UInt8] = []
  private var highSurrogate: UInt16?
  private var isBigEndian: Bool?
  private var isAtEnd = false

  /// The name of the source below.
  public var name: String { source.name }

  /// Makes a source that reads another one in the encoding and gives UTF-8.
  public init(_ source: any ByteSource, from encoding: TextEncoding) {
    (self.source, self.encoding) = (source, encoding)
  }

  /// Reads the next bytes of UTF-8.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while outputPosition == output.count {
      if isAtEnd { return 0 }
      output.removeAll(keepingCapacity: true)
      outputPosition = 0
      try fill()
    }
    let piece = output[outputPosition...].prefix(buffer.count)
    buffer.copyBytes(from: piece)
    outputPosition += piece.count
    return piece.count
  }

  private func fill() throws {
    let count = try input.withUnsafeMutableBytes { try source.read(into: $0) }
    isAtEnd = count == 0
    switch encoding {
    case .utf8: output += input[..<count]
    case .latin1: for byte in input[..<count] { append(UInt32(byte)) }
    case .windows1252: try decodeWindows1252(count)
    case .utf16: try decodeUTF16(count)
    }
  }

  private func decodeWindows1252(_ count: Int) throws {
    for byte in input[..<count] {
      if 0x80...0x9F ~= byte {
        guard let unit = TextEncoding.windows1252Upper[Int(byte) - 0x80] else {
          throw undecodable()
        }
        append(UInt32(unit))
      } else {
        append(UInt32(byte))
      }
      offset += 1
    }
  }

  private func decodeUTF16(_ count: Int) throws {
    let bytes = carried + input[..<count]
    carried = []
    if isAtEnd {
      guard bytes.isEmpty, highSurrogate == nil else { throw undecodable() }
      return
    }
    var position = 0
    while position + 2 <= bytes.count {
      let pair = (bytes[position], bytes[position + 1])
      let isFirst = isBigEndian == nil
      let bigEndian = isBigEndian ?? (pair == (0xFE, 0xFF) || pair.0 == 0)
      isBigEndian = bigEndian
      let (high, low) = bigEndian ? pair : (pair.1, pair.0)
      let unit = UInt16(high) << 8 | UInt16(low)
      if !(isFirst && unit == 0xFEFF) { try append(unit: unit) }
      position += 2
      offset += 2
    }
    carried = Array(bytes[position...])
  }

  private func append(unit: UInt16) throws {
    switch (highSurrogate, unit) {
    case (nil, 0xD800...0xDBFF): highSurrogate = unit
    case (let high?, 0xDC00...0xDFFF):
      append(0x10000 + (UInt32(high - 0xD800) << 10) + UInt32(unit - 0xDC00))
      highSurrogate = nil
    case (nil, let unit) where !(0xDC00...0xDFFF ~= unit): append(UInt32(unit))
    default: throw undecodable()
    }
  }

  private func append(_ value: UInt32) {
    if value < 0x80 {
      output.append(UInt8(value))
    } else if let scalar = Unicode.Scalar(value) {
      output += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
    }
  }

  private func undecodable() -> DataFileError {
    DataFileError(file: name, .undecodable(encoding, offset: offset))
  }
}
