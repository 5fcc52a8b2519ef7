// SPDX-License-Identifier: Apache-2.0

/// What stands before the numbers of an `.npy` file.
public struct NumpyHeader: Sendable, Equatable {
  /// How the numbers are stored.
  public let type: NumpyType
  /// Whether the first axis varies fastest.
  public let isFortranOrder: Bool
  /// Length of each axis.
  public let shape: [Int]

  /// Headers this long and longer are refused, as numpy does.
  static let lengthLimit = 10_000
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let alignment = 64
  /// Digits for which numpy leaves room behind the shape, so that the first axis can grow in place.
  private static let growthDigits = 21

  /// Describes an array in C order.
  public init(type: NumpyType = NumpyType(.float32), shape: [Int]) {
    self.init(type: type, isFortranOrder: false, shape: shape)
  }

  init(type: NumpyType, isFortranOrder: Bool, shape: [Int]) {
    (self.type, self.isFortranOrder, self.shape) = (type, isFortranOrder, shape)
  }

  /// The bytes that `numpy.save` writes; their number does not depend on the length of the first axis.
  public var bytes: [UInt8] {
    let lengths = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
    text += "'shape': (\(lengths)), }"
    if let first = shape.first {
      text += String(repeating: " ", count: max(0, Self.growthDigits - "\(first)".utf8.count))
    }
    // magic, version and length take 10 bytes; an end of line closes the header.
    let missing = Self.alignment - (10 + text.utf8.count + 1) % Self.alignment
    text += String(repeating: " ", count: missing) + "\n"
    let count = UInt16(text.utf8.count)
    return Self.magic + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
  }

  /// Numbers of the array and their bytes; nil when they are beyond counting, in whatever order the lengths stand.
  var size: (count: Int, byteCount: Int)? {
    var bound = type.kind.byteCount
    for length in shape {
      let (product, overflows) = bound.multipliedReportingOverflow(by: max(length, 1))
      guard !overflows else { return nil }
      bound = product
    }
    let count = shape.reduce(1, *)
    return (count, count * type.kind.byteCount)
  }
}

extension NumpyHeader {
  /// Reads a header; returns it with the offset at which the numbers begin.
  ///
  /// - Parameters:
  ///   - size: Bytes of the whole file.
  ///   - read: Gives so many bytes from the start of the file, or all there are.
  static func read(
    size: Int, file: String, _ read: (_ count: Int) throws -> [UInt8]
  ) throws -> (header: NumpyHeader, offset: Int) {
    func error(_ problem: NumpyError.Problem) -> NumpyError { NumpyError(file: file, problem) }
    let head = try read(12)
    guard head.starts(with: magic) else { throw error(.notNumpy(found: kind(of: head))) }
    guard head.count >= 8 else { throw error(.headerCut(length: 0)) }
    let (major, minor) = (Int(head[6]), Int(head[7]))
    guard (1...3).contains(major), minor == 0 else {
      throw error(.version(major: major, minor: minor))
    }
    let width = major == 1 ? 2 : 4
    guard head.count >= 8 + width else { throw error(.headerCut(length: 0)) }
    let length = head[8..<8 + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    let offset = 8 + width + length
    guard offset <= size else { throw error(.headerCut(length: length)) }
    guard length <= lengthLimit else {
      throw error(.headerTooLong(length: length, limit: lengthLimit))
    }
    let bytes = try read(offset)
    guard bytes.count == offset else { throw error(.headerCut(length: length)) }
    var parser = NumpyHeaderParser(Array(bytes[(8 + width)...]), file: file)
    return (try parser.header(), offset)
  }

  private static func kind(of head: [UInt8]) -> String {
    switch head.first {
    case nil: "the file is empty"
    case UInt8(ascii: "P") where head.starts(with: Array("PK".utf8)):
      "found a zip archive, as numpy.savez writes; unpack it"
    case 0x80: "found a pickle, which can run any program when it is opened and is not read"
    default: "the file does not begin as .npy files do"
    }
  }
}
