// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// What is wrong with an `.npy` file.
public struct NumpyError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The first bytes are not those of the format.
    case notNumpy(found: String)
    /// The version of the format is none of 1.0, 2.0 and 3.0.
    case version(major: Int, minor: Int)
    /// The header is longer than any honest one.
    case headerTooLong(length: Int, limit: Int)
    /// The file ends inside the header.
    case headerCut(length: Int)
    /// The header is not the dictionary that numpy writes.
    case syntax(offset: Int, expected: String)
    /// A key stands twice.
    case duplicateKey(String)
    /// A key is not one of the three.
    case unknownKey(String)
    /// Keys are not there.
    case missingKeys([String])
    /// The numbers are of a kind that cannot be read.
    case unsupportedType(String, reason: String)
    /// A length is no plain number from 0.
    case length(String)
    /// The array has no axis, or too many.
    case axes(count: Int)
    /// The numbers are more than any machine can hold.
    case tooLarge(shape: [Int])
    /// The file is shorter than the header says.
    case cut(shape: [Int], type: NumpyType, expected: Int, found: Int)
    /// Bytes follow the array.
    case trailing(count: Int)
    /// A number is infinite or none.
    case notFinite(row: Int, column: Int, value: String)
    /// A number has no Float32.
    case unrepresentable(row: Int, column: Int, type: NumpyType)
    /// The rows are of another length than wanted.
    case columns(expected: Int, found: Int)
    /// There are more or fewer rows than wanted.
    case rows(expected: Int, found: Int, of: String)
  }

  /// The file.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  /// Makes an error of a file.
  public init(file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String { "\(file): \(explanation)" }

  private var explanation: String {
    switch problem {
    case .notNumpy(let found):
      return "\(found), expected an .npy file. numpy writes one with numpy.save."
    case .version(let major, let minor):
      return "the format's version is \(major).\(minor), expected 1.0, 2.0 or 3.0."
    case .headerTooLong(let length, let limit):
      return "the header has \(length) bytes, expected at most \(limit)."
    case .headerCut(let length):
      let size = length > 0 ? ", which has \(length) bytes by its own account" : ""
      return "the file ends in the header\(size). Was it copied completely?"
    case .syntax(let offset, let expected):
      return "byte \(offset) of the header: expected \(expected)."
    case .duplicateKey(let key): return "the header gives '\(key)' twice."
    case .unknownKey(let key):
      return "the header has the key '\(key)', expected descr, fortran_order and shape alone."
    case .missingKeys(let keys): return "the header lacks \(keys.joined(separator: " and "))."
    case .unsupportedType(let code, let reason):
      return "the numbers are of type \(code): \(reason). Expected floats of 16, 32 or 64 bits, "
        + "integers or Booleans."
    case .length(let text):
      return "the shape holds \(text), expected plain numbers from 0 as in (1000, 384)."
    case .axes(let count):
      return "the array has \(count == 0 ? "no axis" : "\(count) axes"), expected 1 to 3."
    case .tooLarge(let shape): return "an array of shape \(shape) is larger than any file."
    case .cut(let shape, let type, let expected, let found):
      return "\(shape) numbers of type \(type) take \(expected) bytes, but \(found) follow the "
        + "header. The file was cut."
    case .trailing(let count): return "\(count) bytes follow the array, expected none."
    case .notFinite(let row, let column, let value):
      return "row \(row), column \(column), both counted from 0: found \(value), expected finite "
        + "numbers."
    case .unrepresentable(let row, let column, let type):
      return "row \(row), column \(column), both counted from 0: the \(type) does not fit a "
        + "Float32."
    case .columns(let expected, let found):
      return "the rows have \(found) numbers, expected \(expected)."
    case .rows(let expected, let found, let other):
      return "there are \(found) rows, expected \(expected), as many as in \(other)."
    }
  }
}
