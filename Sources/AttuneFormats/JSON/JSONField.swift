// SPDX-License-Identifier: Apache-2.0

/// A place in a JSON document: the value there, if any, with the path that error messages name.
public struct JSONField: Sendable {
  /// The value, or nil if the key is missing.
  public let value: JSONValue?
  /// The file, or empty.
  public let source: String
  /// The keys from the top, as `rope.theta` or `layers[3].size`; empty at the top.
  public let path: String
  /// The keys beside this one, for the suggestion when it is missing.
  private var siblings: [String] = []

  /// Makes the top of a document; `source` names the file in errors.
  public init(_ value: JSONValue, source: String = "") {
    self.init(value: value, source: source, path: "")
  }

  private init(value: JSONValue?, source: String, path: String, siblings: [String] = []) {
    (self.value, self.source, self.path, self.siblings) = (value, source, path, siblings)
  }

  /// Returns an error at this place with a text of the caller's: "found …, expected …".
  public func error(_ message: String) -> JSONFieldError {
    JSONFieldError(source: source, path: path, problem: .invalid(message))
  }

  /// Returns the error for a value of another kind than expected, or for a missing one.
  func mismatch(expected: String) -> JSONFieldError {
    guard let value else {
      let key = path.split(separator: ".").last.map(String.init) ?? path
      return JSONFieldError(
        source: source, path: path,
        problem: .missing(
          expected: expected, nearest: EditDistance.nearest(to: key, in: siblings)))
    }
    return JSONFieldError(
      source: source, path: path,
      problem: .mismatch(found: value.summary, expected: expected))
  }

  /// Returns the place under the key; a missing key gives a field without a value.
  func child(_ key: String) throws(JSONFieldError) -> JSONField {
    let childPath = path.isEmpty ? key : "\(path).\(key)"
    switch value {
    case .object(let object)?:
      let value = object[key]
      return JSONField(
        value: value, source: source, path: childPath, siblings: value == nil ? object.keys : [])
    case nil, .null?: return JSONField(value: nil, source: source, path: childPath)
    default: throw mismatch(expected: "an object with the key '\(key)'")
    }
  }

  func element(_ index: Int, _ value: JSONValue) -> JSONField {
    JSONField(value: value, source: source, path: "\(path)[\(index)]")
  }
}

extension JSONValue {
  /// The value for an error message: its kind, and the value itself when it is short.
  var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "the integer \(value)"
    case .number(let value): "the number \(value)"
    case .string(let value): "the string '\(value.prefix(40))\(value.count > 40 ? "…" : "")'"
    case .array(let elements): "an array of \(elements.count)"
    case .object: "an object"
    }
  }
}

/// Why a JSON document does not fit what is read from it, and where.
public struct JSONFieldError: AttuneError, Equatable {
  /// A key that nobody knows, with the nearest known one.
  public struct UnknownKey: Sendable, Equatable {
    /// The key as it stands in the file.
    public let key: String
    /// The known key that was probably meant.
    public let nearest: String?
  }

  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The key is not there.
    case missing(expected: String, nearest: String?)
    /// The value is of another kind.
    case mismatch(found: String, expected: String)
    /// Keys that nobody knows, all at once.
    case unknown([UnknownKey])
    /// A rule of the reader is broken; the text says which.
    case invalid(String)
  }

  /// The file, or empty.
  public let source: String
  /// The keys from the top.
  public let path: String
  /// What is wrong.
  public let problem: Problem

  /// The input does not fit.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    let place = [source, path].filter { !$0.isEmpty }.joined(separator: ": ")
    let prefix = place.isEmpty ? "" : place + ": "
    switch problem {
    case .missing(let expected, let nearest):
      return "\(prefix)missing, expected \(expected)."
        + (nearest.map { " Did you mean '\($0)'?" } ?? "")
    case .mismatch(let found, let expected): return "\(prefix)found \(found), expected \(expected)."
    case .unknown(let keys):
      let list = keys.map { key in
        "'\(key.key)'" + (key.nearest.map { " (did you mean '\($0)'?)" } ?? "")
      }
      return "\(prefix)unknown \(keys.count == 1 ? "key" : "keys") \(list.joined(separator: ", "))."
    case .invalid(let message): return "\(prefix)\(message)"
    }
  }
}
