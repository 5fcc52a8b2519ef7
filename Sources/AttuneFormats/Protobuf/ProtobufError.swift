// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a protocol buffer message, and where.
public struct ProtobufError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The bytes end inside a value.
    case truncated
    /// A value says that it is longer than what is left.
    case length(UInt64, left: Int)
    /// An integer does not fit 64 bits.
    case varintTooLong
    /// A field has a number that no field can have.
    case fieldNumber(UInt64)
    /// A field is of a kind that is not in use.
    case wireType(UInt8)
    /// A field holds another kind of value than expected.
    case mismatch(field: Int, expected: String)
    /// The bytes of a text are not UTF-8.
    case invalidUTF8
  }

  /// The file.
  public let source: String
  /// Bytes before the place.
  public let offset: Int
  /// What is wrong.
  public let problem: Problem

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    let explanation =
      switch problem {
      case .truncated: "the file ends inside a value; it may be cut off"
      case .length(let length, let left): "a value of \(length) bytes where \(left) are left"
      case .varintTooLong: "an integer of more than 64 bits"
      case .fieldNumber(let number): "a field with the number \(number), which no field can have"
      case .wireType(let type): "a field of the kind \(type), expected 0, 1, 2 or 5"
      case .mismatch(let field, let expected):
        "field \(field) holds something else than \(expected)"
      case .invalidUTF8: "the text is not valid UTF-8"
      }
    return "\(source): byte \(offset): \(explanation)."
  }
}
