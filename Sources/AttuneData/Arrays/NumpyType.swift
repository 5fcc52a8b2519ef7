// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// How one number of an `.npy` file is stored.
public struct NumpyType: Sendable, Hashable, CustomStringConvertible {
  /// Kind and width; the raw value is numpy's code without the order of bytes.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
    case int8 = "i1"
    case int16 = "i2"
    case int32 = "i4"
    case int64 = "i8"
    case uint8 = "u1"
    case uint16 = "u2"
    case uint32 = "u4"
    case uint64 = "u8"
    case bool = "b1"

    /// Bytes of one number.
    public var byteCount: Int {
      switch self {
      case .int8, .uint8, .bool: 1
      case .float16, .int16, .uint16: 2
      case .float32, .int32, .uint32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// Kind and width.
  public let kind: Kind
  /// Whether the highest byte stands first.
  public let isBigEndian: Bool

  /// A type; files are written with the lowest byte first.
  public init(_ kind: Kind, isBigEndian: Bool = false) {
    self.kind = kind
    self.isBigEndian = isBigEndian && kind.byteCount > 1
  }

  /// numpy's code: `<f4`.
  public var description: String {
    (kind.byteCount == 1 ? "|" : isBigEndian ? ">" : "<") + kind.rawValue
  }

  /// Reads numpy's code: `<f4`, `>f4`, `=f4`, `|f4`, `f4`, and also `float32`.
  init?(code: String) {
    if let kind = Kind.allCases.first(where: { "\($0)" == code }) {
      self.init(kind)
      return
    }
    var rest = code[...]
    let order = rest.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    if order != nil { rest.removeFirst() }
    guard let kind = Kind(rawValue: String(rest)) else { return nil }
    self.init(kind, isBigEndian: order == ">")
  }

  /// Why a code of numpy's cannot be read as numbers.
  static func reason(forRefusing code: String) -> String {
    let letters = code.filter { !"<>=|".contains($0) }
    switch letters.first {
    case "O": return "objects are pickled programs, which are never opened"
    case "V" where letters == "V2":
      return "two bytes without a type, as bfloat16 appears; save it with .astype('float32')"
    case "V": return "bytes without a type"
    case "U", "S", "a": return "text"
    case "M", "m": return "dates or spans of time"
    case "c": return "complex numbers"
    case "f", "g":
      return "a float of another width than 16, 32 or 64 bits; save it with .astype('float32')"
    default: return "an unknown type"
    }
  }
}

extension NumpyType {
  /// Converts stored numbers, at `stride` in the result; returns the index of the first that no Float32 keeps, or nil.
  ///
  /// Doubles are rounded; integers that a Float32 cannot keep, and doubles beyond its range, are refused.
  func read(
    _ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutablePointer<Float>, stride: Int
  ) -> Int? {
    switch kind {
    case .float32:
      return convert(bytes, UInt32.self, floats, stride) { Float(bitPattern: $0) }
    case .float16:
      return convert(bytes, UInt16.self, floats, stride) { HalfPrecision.float($0) }
    case .float64:
      return convert(bytes, UInt64.self, floats, stride) {
        let double = Double(bitPattern: $0)
        let float = Float(double)
        return float.isInfinite && double.isFinite ? nil : float
      }
    case .int8: return convert(bytes, Int8.self, floats, stride) { Float($0) }
    case .uint8: return convert(bytes, UInt8.self, floats, stride) { Float($0) }
    case .bool: return convert(bytes, UInt8.self, floats, stride) { $0 <= 1 ? Float($0) : nil }
    case .int16: return convert(bytes, Int16.self, floats, stride) { Float($0) }
    case .uint16: return convert(bytes, UInt16.self, floats, stride) { Float($0) }
    case .int32: return convert(bytes, Int32.self, floats, stride) { Float(exactly: $0) }
    case .uint32: return convert(bytes, UInt32.self, floats, stride) { Float(exactly: $0) }
    case .int64: return convert(bytes, Int64.self, floats, stride) { Float(exactly: $0) }
    case .uint64: return convert(bytes, UInt64.self, floats, stride) { Float(exactly: $0) }
    }
  }

  @inline(__always)
  private func convert<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: Stored.Type, _ floats: UnsafeMutablePointer<Float>,
    _ stride: Int, _ value: (Stored) -> Float?
  ) -> Int? {
    let isSwapped = isBigEndian == (1.littleEndian == 1)
    for index in 0..<(bytes.count / MemoryLayout<Stored>.size) {
      let stored = bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Stored>.size, as: type)
      guard let float = value(isSwapped ? stored.byteSwapped : stored) else { return index }
      floats[index * stride] = float
    }
    return nil
  }
}
