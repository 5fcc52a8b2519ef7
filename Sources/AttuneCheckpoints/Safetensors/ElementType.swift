// SPDX-License-Identifier: Apache-2.0

/// How one number of a stored tensor is encoded; the raw value is its name in safetensors files.
public enum ElementType: String, Sendable, CaseIterable {
  // In the order of the format: files list wider types first.
  case bool = "BOOL"
  case float4 = "F4"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bits of one number.
  public var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// Whether the numbers are floats that can be read, as those of weights are.
  public var isFloat: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Whether tensors of this type can be read as Float32.
  public var isReadable: Bool {
    switch self {
    case .float4, .float6E2M3, .float6E3M2, .float8E5M2, .float8E4M3, .float8E8M0,
      .float8E4M3FNUZ, .float8E5M2FNUZ, .complex64:
      false
    default: true
    }
  }
}

/// How trained numbers are written: as computed, or rounded to half or a quarter of the bytes.
public enum WeightStorage: String, Sendable, Hashable, CaseIterable {
  /// All bits of Float32.
  case float32
  /// IEEE binary16: 11 significant bits, at most 65,504.
  case float16
  /// The upper half of a Float32: 8 significant bits, as large as Float32.
  case bfloat16
  /// Matrices in 8-bit integers with a Float32 scale for each row, everything else in Float32.
  case int8

  var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }
}
