// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// What is wrong with the captions of vectors, and where.
public struct CaptionError: AttuneError, Equatable {
  /// What a column holds.
  public enum Role: String, Sendable {
    /// The number of the vector.
    case row
    /// The text.
    case caption
  }

  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// A column is not there.
    case unknownColumn(String, role: Role, columns: [String])
    /// The number of a vector is none.
    case notARow(column: String, found: String)
    /// A caption holds nothing but white space.
    case emptyCaption(row: Int)
    /// There is no caption at all.
    case noCaptions
    /// A caption belongs to a vector that is not there.
    case rowOutOfRange(row: Int, count: Int, vectors: String)
    /// Vectors have no caption where each must have one.
    case withoutCaption(rows: [Int], vectors: String)
  }

  /// The file.
  public let file: String
  /// The line, from 1, where the place is known.
  public let line: Int?
  /// What is wrong.
  public let problem: Problem

  /// Makes an error of a file.
  public init(file: String, line: Int? = nil, _ problem: Problem) {
    (self.file, self.line, self.problem) = (file, line, problem)
  }

  /// The input is malformed, or a column was named that is not there.
  public var exitCode: ExitStatus {
    if case .unknownColumn = problem { .usage } else { .data }
  }

  /// The message for the user.
  public var description: String {
    let place = [file, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
    return "\(place): \(explanation)"
  }

  private var explanation: String {
    switch problem {
    case .unknownColumn(let name, let role, let columns):
      let list = columns.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
      let order =
        role == .row
        ? " Captions in the order of the vectors can be given as plain text, a line each: .txt."
        : ""
      return "there is no column '\(name)'.\(EditDistance.suggestion(for: name, in: columns)) The "
        + "columns are \(list). Choose with --\(role.rawValue)-column NAME.\(order)"
    case .notARow(let column, let found):
      let what = found.isEmpty ? "nothing" : "'\(found.prefix(40))'"
      return "'\(column)' holds \(what), expected the row of the vector as a number from 0."
    case .emptyCaption(let row): return "the caption of row \(row) is empty."
    case .noCaptions: return "there are no captions."
    case .rowOutOfRange(let row, let count, let vectors):
      return "the caption belongs to row \(row), but \(vectors) has the rows 0 to \(count - 1)."
    case .withoutCaption(let rows, let vectors):
      return "\(CaptionedVectors.list(rows)) of \(vectors), counted from 0, "
        + "\(rows.count == 1 ? "has" : "have") no caption."
    }
  }
}
