// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Why a safetensors file cannot be used, and where.
public struct SafetensorsError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The file is shorter than the smallest one.
    case tooShort(size: Int)
    /// The header says that it is longer than the file or than any header may be.
    case headerLength(UInt64, largest: Int)
    /// The header does not begin with `{`.
    case headerStart(UInt8)
    /// The header is not JSON.
    case json(JSONError)
    /// A value in the header is of the wrong kind.
    case field(JSONFieldError)
    /// The type of a tensor's numbers is not one of the format.
    case elementType(tensor: String, found: String)
    /// A tensor has more axes than any of a network.
    case rank(tensor: String, count: Int, largest: Int)
    /// The shape of a tensor has more numbers than can be counted.
    case tooLarge(tensor: String, shape: [Int])
    /// The bytes of a tensor are not as many as its shape and type need.
    case span(tensor: String, begin: Int, end: Int, expected: String)
    /// The bytes of a tensor do not begin where those of the one before end.
    case gap(tensor: String, begin: Int, expected: Int)
    /// The last tensor does not end where the file ends.
    case dataEnd(expected: Int, found: Int)
    /// The file became shorter after it was opened.
    case cut(tensor: String)
    /// No tensor has the name.
    case noTensor(String, nearest: String?)
    /// The numbers cannot be read as Float32.
    case unreadable(tensor: String, ElementType)
    /// A stored number is no value of its type, or is not representable as Float32.
    case element(tensor: String, index: Int, ElementType)
  }

  /// The file.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  /// Makes an error of the file.
  public init(file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    switch problem {
    case .json(let error): error.description
    case .field(let error): error.description
    default: "\(file): \(explanation)"
    }
  }

  private var explanation: String {
    switch problem {
    case .tooShort(let size):
      "\(size) bytes are too few for a safetensors file, which has at least 10; fetch it again."
    case .headerLength(let length, let largest):
      "the first 8 bytes announce a header of \(length) bytes, expected 2 to \(largest). "
        + "The file is cut short or not a safetensors file."
    case .headerStart(let byte):
      "byte 8 is \(byte), expected 123, the '{' that begins a header. "
        + "This is not a safetensors file."
    case .json, .field: ""
    case .elementType(let tensor, let found):
      "tensor '\(tensor)' has the type '\(found)', expected one of: "
        + ElementType.allCases.map(\.rawValue).joined(separator: ", ") + "."
    case .rank(let tensor, let count, let largest):
      "tensor '\(tensor)' has \(count) axes, expected at most \(largest)."
    case .tooLarge(let tensor, let shape):
      "tensor '\(tensor)' of shape \(shape) has more numbers than can be counted."
    case .span(let tensor, let begin, let end, let expected):
      "tensor '\(tensor)' spans the data bytes \(begin) to \(end), expected \(expected)."
    case .gap(let tensor, let begin, let expected):
      "tensor '\(tensor)' begins at data byte \(begin), expected \(expected), "
        + "where the one before it ends."
    case .dataEnd(let expected, let found):
      "the tensors end at data byte \(expected), the file at \(found). "
        + (found < expected ? "It is cut short; fetch it again." : "It has bytes of no tensor.")
    case .cut(let tensor):
      "the file became shorter while tensor '\(tensor)' was read; is another program writing it?"
    case .noTensor(let name, let nearest):
      "there is no tensor '\(name)'." + (nearest.map { " Did you mean '\($0)'?" } ?? "")
    case .unreadable(let tensor, let type):
      "tensor '\(tensor)' has the type \(type.rawValue), expected one of: "
        + ElementType.allCases.filter(\.isReadable).map(\.rawValue).joined(separator: ", ")
        + ". Convert the file to F32 or F16."
    case .element(let tensor, let index, .bool):
      "number \(index) of tensor '\(tensor)' is neither 0 nor 1, expected a BOOL."
    case .element(let tensor, let index, let type):
      "number \(index) of tensor '\(tensor)' (\(type.rawValue)) cannot be kept in a Float32."
    }
  }
}
