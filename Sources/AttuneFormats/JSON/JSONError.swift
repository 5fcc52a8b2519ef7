// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not JSON, and where.
public struct JSONError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// Something else stands where the grammar wants `expected`.
    case unexpected(found: String, expected: String)
    /// A key stands twice in one object.
    case duplicateKey(String)
    /// Arrays and objects are nested deeper than the limit.
    case tooDeep(limit: Int)
    /// The file starts with a byte order mark.
    case byteOrderMark
    /// The bytes of a string are not UTF-8.
    case invalidUTF8
    /// Half of a surrogate pair is escaped without the other.
    case loneSurrogate
    /// A control character stands in a string unescaped.
    case controlCharacter(UInt8)
    /// The number is too large for a `Double`.
    case numberOutOfRange(String)
  }

  /// The name of the file, or of where the bytes came from.
  public let source: String
  /// What is wrong.
  public let problem: Problem
  /// Bytes before the place.
  public let offset: Int
  /// The line of the place, from 1.
  public let line: Int
  /// The character of the place in its line, from 1.
  public let column: Int

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(source):\(line):\(column): \(explanation) (byte \(offset))."
  }

  /// Returns the same error for JSON that stands on one line of a larger file.
  public func moved(toLine line: Int, startingAt start: Int) -> JSONError {
    JSONError(
      source: source, problem: problem, offset: start + offset, line: line, column: column)
  }

  private var explanation: String {
    switch problem {
    case .unexpected(let found, let expected): "found \(found), expected \(expected)"
    case .duplicateKey(let key): "the key '\(key)' is given twice in one object"
    case .tooDeep(let limit): "arrays and objects are nested deeper than \(limit)"
    case .byteOrderMark: "JSON must not start with a byte order mark; save the file without it"
    case .invalidUTF8: "the text is not valid UTF-8"
    case .loneSurrogate: "an escaped half of a surrogate pair stands alone"
    case .controlCharacter(let byte):
      "a control character (\(hexadecimal(byte))) stands unescaped in a string"
    case .numberOutOfRange(let text): "the number \(text) does not fit a double"
    }
  }
}

/// Returns a byte as `0x1F`.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.count == 1 ? "0" : "") + digits
}
