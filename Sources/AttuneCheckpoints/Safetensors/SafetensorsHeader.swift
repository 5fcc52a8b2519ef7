// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The checked table of contents of a safetensors file.
struct SafetensorsHeader: Sendable {
  /// Real headers have about 100 bytes a tensor; the limit bounds the memory that parsing takes.
  static let lengthLimit = 16 << 20
  static let rankLimit = 8

  /// One tensor with its bytes, counted from the start of the file.
  struct Entry: Sendable {
    let tensor: StoredTensor
    let bytes: Range<Int>
  }

  /// In the order of the data.
  let entries: [Entry]
  let metadata: JSONObject
  let warnings: [String]

  /// Returns the length of the header that the first 8 bytes announce, checked against the file.
  static func length(
    announced: UInt64, fileSize: Int, file: String
  ) throws(SafetensorsError) -> Int {
    let largest = min(lengthLimit, fileSize - 8)
    guard let length = Int(exactly: announced), length >= 2, length <= largest else {
      throw SafetensorsError(file: file, .headerLength(announced, largest: max(2, largest)))
    }
    return length
  }

  /// Reads and checks a header; `fileSize` is that of the whole file.
  init(_ bytes: [UInt8], fileSize: Int, file: String) throws(SafetensorsError) {
    guard bytes.first == UInt8(ascii: "{") else {
      throw SafetensorsError(file: file, .headerStart(bytes.first ?? 0))
    }
    let source = "\(file): header"
    let root: JSONField
    do {
      root = JSONField(try JSONValue(parsing: bytes, source: source), source: source)
    } catch {
      throw SafetensorsError(file: file, .json(error))
    }
    var reader = Reader(file: file, dataStart: 8 + bytes.count)
    do {
      for member in try root.members() { try reader.read(member.key, member.field) }
    } catch let error as JSONFieldError {
      throw SafetensorsError(file: file, .field(error))
    } catch let error as SafetensorsError {
      throw error
    } catch {
      preconditionFailure("header: \(error)")
    }
    try reader.checkCoverage(dataSize: fileSize - 8 - bytes.count)
    (entries, metadata, warnings) = (reader.entries, reader.metadata, reader.warnings)
  }
}

extension SafetensorsHeader {
  private struct Reader {
    let file: String
    let dataStart: Int
    var entries: [Entry] = []
    var metadata = JSONObject()
    var warnings: [String] = []

    mutating func read(_ name: String, _ field: JSONField) throws {
      guard name != "__metadata__" else {
        guard field.value?.isNull == false else { return }
        for member in try field.members() {
          metadata[member.key] = .string(try member.field.string())
        }
        return
      }
      let type = try elementType(of: name, field)
      let shape = try field.integers(at: "shape")
      let offsets = try field.integers(at: "data_offsets")
      try refuseNegative(shape, in: field, "shape")
      try refuseNegative(offsets, in: field, "data_offsets")
      guard offsets.count == 2 else {
        throw try field.field(at: "data_offsets")
          .error("found an array of \(offsets.count), expected begin and end.")
      }
      let size = try byteCount(of: name, type, shape)
      let (begin, end) = (offsets[0], offsets[1])
      guard begin <= end, end - begin == size else {
        let expected = "\(size) bytes for \(type.rawValue) \(shape)"
        throw problem(.span(tensor: name, begin: begin, end: end, expected: expected))
      }
      for key in try field.object().keys where !["dtype", "shape", "data_offsets"].contains(key) {
        warnings.append("\(file): tensor '\(name)' has the unknown field '\(key)', left out.")
      }
      entries.append(
        Entry(
          tensor: StoredTensor(name: name, elementType: type, shape: shape),
          bytes: begin..<end))
    }

    private func problem(_ problem: SafetensorsError.Problem) -> SafetensorsError {
      SafetensorsError(file: file, problem)
    }

    private func elementType(of name: String, _ field: JSONField) throws -> ElementType {
      let text = try field.string(at: "dtype")
      guard let type = ElementType(rawValue: text) else {
        throw problem(.elementType(tensor: name, found: text))
      }
      return type
    }

    private func refuseNegative(_ values: [Int], in field: JSONField, _ key: String) throws {
      guard let negative = values.first(where: { $0 < 0 }) else { return }
      throw try field.field(at: key).error("found \(negative), expected no negative number.")
    }

    private func byteCount(of name: String, _ type: ElementType, _ shape: [Int]) throws -> Int {
      guard shape.count <= rankLimit else {
        throw problem(.rank(tensor: name, count: shape.count, largest: rankLimit))
      }
      // Zeros are left out so that the check does not depend on the order of the axes.
      var bits = type.bitCount
      for length in shape where length > 0 {
        let (product, overflow) = bits.multipliedReportingOverflow(by: length)
        guard !overflow else { throw problem(.tooLarge(tensor: name, shape: shape)) }
        bits = product
      }
      if shape.contains(0) { return 0 }
      guard bits % 8 == 0 else {
        let expected = "whole bytes for \(type.rawValue) \(shape)"
        throw problem(.span(tensor: name, begin: 0, end: bits / 8, expected: expected))
      }
      return bits / 8
    }

    /// Every byte of the data belongs to exactly one tensor.
    mutating func checkCoverage(dataSize: Int) throws(SafetensorsError) {
      entries.sort {
        ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
      }
      var end = 0
      for entry in entries {
        guard entry.bytes.lowerBound == end else {
          throw problem(
            .gap(tensor: entry.tensor.name, begin: entry.bytes.lowerBound, expected: end))
        }
        end = entry.bytes.upperBound
      }
      guard end == dataSize else { throw problem(.dataEnd(expected: end, found: dataSize)) }
      let start = dataStart
      entries = entries.map {
        Entry(
          tensor: $0.tensor,
          bytes: start + $0.bytes.lowerBound..<start + $0.bytes.upperBound)
      }
    }
  }
}
