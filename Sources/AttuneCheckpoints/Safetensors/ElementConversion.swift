// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// Conversion between stored numbers and Float32. Stored numbers may lie at any address.
enum ElementConversion {
  /// Converts the stored numbers; returns the index of the first that is no number of its type or
  /// no Float32, or nil.
  static func read(
    _ bytes: UnsafeRawBufferPointer, as type: ElementType, into floats: UnsafeMutablePointer<Float>
  ) -> Int? {
    switch type {
    case .float32:
      return convert(bytes, UInt32.self, floats) { Float(bitPattern: UInt32(littleEndian: $0)) }
    case .float16:
      return convert(bytes, UInt16.self, floats) {
        HalfPrecision.float(UInt16(littleEndian: $0))
      }
    case .bfloat16:
      return convert(bytes, UInt16.self, floats) {
        Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16)
      }
    case .float64:
      return convert(bytes, UInt64.self, floats) {
        let double = Double(bitPattern: UInt64(littleEndian: $0))
        let float = Float(double)
        return float.isInfinite && double.isFinite ? nil : float
      }
    case .bool: return convert(bytes, UInt8.self, floats) { $0 <= 1 ? Float($0) : nil }
    case .uint8: return convert(bytes, UInt8.self, floats) { Float($0) }
    case .int8: return convert(bytes, Int8.self, floats) { Float($0) }
    case .uint16: return convert(bytes, UInt16.self, floats) { Float(UInt16(littleEndian: $0)) }
    case .int16: return convert(bytes, Int16.self, floats) { Float(Int16(littleEndian: $0)) }
    // Beyond 2^24 not every integer is a Float32, and a rounded counter or index is a wrong one.
    case .uint32:
      return convert(bytes, UInt32.self, floats) { Float(exactly: UInt32(littleEndian: $0)) }
    case .int32:
      return convert(bytes, Int32.self, floats) { Float(exactly: Int32(littleEndian: $0)) }
    case .uint64:
      return convert(bytes, UInt64.self, floats) { Float(exactly: UInt64(littleEndian: $0)) }
    case .int64:
      return convert(bytes, Int64.self, floats) { Float(exactly: Int64(littleEndian: $0)) }
    case .float4, .float6E2M3, .float6E3M2, .float8E5M2, .float8E4M3, .float8E8M0,
      .float8E4M3FNUZ, .float8E5M2FNUZ, .complex64:
      preconditionFailure("\(type.rawValue) is not readable")
    }
  }

  @inline(__always)
  private static func convert<Stored: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ type: Stored.Type, _ floats: UnsafeMutablePointer<Float>,
    _ value: (Stored) -> Float?
  ) -> Int? {
    for index in 0..<(bytes.count / MemoryLayout<Stored>.size) {
      let stored = bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Stored>.size, as: type)
      guard let float = value(stored) else { return index }
      floats[index] = float
    }
    return nil
  }
}
