// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Everything in which a file's tensors do not fit a model, at once. Names are those of the file.
public struct ParameterLoadingError: AttuneError, Equatable {
  /// A parameter that the file lacks.
  public struct Missing: Sendable, Equatable {
    /// The name that it would have.
    public let name: String
    /// The shape that it would have.
    public let shape: [Int]
  }

  /// A tensor that the model does not know.
  public struct Unexpected: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The missing parameter, or else any, whose name is close.
    public let nearest: String?
  }

  /// A tensor of another shape than the parameter.
  public struct Misshapen: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The shape of the parameter.
    public let expected: [Int]
    /// The shape of the tensor.
    public let found: [Int]
  }

  /// A tensor with numbers that are infinite or not a number.
  public struct NonFinite: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The place of the first such number, row by row.
    public let index: Int
    /// That number as text: `nan`, `inf` or `-inf`.
    public let value: String
  }

  /// Two tensors that are the same parameter.
  public struct Repeated: Sendable, Equatable {
    /// The first.
    public let name: String
    /// The other.
    public let other: String
  }

  /// The file.
  public let path: String
  /// The parameters that the file lacks.
  public internal(set) var missing: [Missing] = []
  /// The tensors that the model does not know.
  public internal(set) var unexpected: [Unexpected] = []
  /// The tensors of another shape than their parameter.
  public internal(set) var misshapen: [Misshapen] = []
  /// The tensors with numbers that are infinite or not a number.
  public internal(set) var nonFinite: [NonFinite] = []
  /// The tensors that are the same parameter as another.
  public internal(set) var repeated: [Repeated] = []

  init(path: String) { self.path = path }

  var isEmpty: Bool {
    missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty && nonFinite.isEmpty
      && repeated.isEmpty
  }

  /// The file does not fit.
  public var exitCode: ExitStatus { .data }

  /// The message for the user: a line for each tensor.
  public var description: String {
    var table = MessageTable()
    table.add(missing.map { ["missing", $0.name, "\($0.shape)"] })
    table.add(
      unexpected.map {
        ["unexpected", $0.name, $0.nearest.map { "did you mean '\($0)'?" } ?? ""]
      })
    table.add(
      misshapen.map {
        ["wrong shape", $0.name, "expected \($0.expected), found \($0.found)"]
      })
    table.add(nonFinite.map { ["not finite", $0.name, "number \($0.index) is \($0.value)"] })
    table.add(repeated.map { ["given twice", $0.name, "also as '\($0.other)'"] })
    return "\(path) does not fit the model\n" + table.description
  }
}

/// Rows of an error message in columns; of one kind not more than a screen holds.
struct MessageTable: CustomStringConvertible {
  static let rowLimit = 40
  private var rows: [[String]] = []

  /// Adds rows of one kind, named in their first column.
  mutating func add(_ kind: [[String]]) {
    rows += kind.prefix(Self.rowLimit)
    if kind.count > Self.rowLimit, let name = kind.first?.first {
      rows.append([name, "and \(kind.count - Self.rowLimit) more", ""])
    }
  }

  var description: String {
    let columnCount = rows.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      // One very long name must not push the rest of every line out of sight.
      min(60, rows.map { $0[column].count }.max() ?? 0)
    }
    return rows.map { row in
      var line = "  "
      for (cell, width) in zip(row, widths) {
        line += cell + String(repeating: " ", count: max(0, width - cell.count) + 2)
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
