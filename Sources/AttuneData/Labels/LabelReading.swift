// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// How the label of a row, or its labels, stand in a table.
public enum LabelReading: Sendable, Hashable {
  /// One label, or a number, is the whole field of a column; nil: the column that its name tells.
  case whole(column: String?)
  /// Any number of labels stand in one column with a separator between them.
  case separated(column: String?, separator: String)
  /// Each label has a column of its own, which says whether it holds: 1 or 0, true or false, yes or no; empty is no.
  case columns([String])

  /// The column that the user named.
  var namedColumn: String? {
    switch self {
    case .whole(let column), .separated(let column, _): column
    case .columns: nil
    }
  }

  /// The columns of labels that have their own.
  var ownColumns: [String] {
    if case .columns(let names) = self { names } else { [] }
  }

  /// Whether a row may have any number of labels.
  public var givesSets: Bool {
    if case .whole = self { false } else { true }
  }
}

/// Reads the labels of rows of one table.
struct LabelReader {
  private let reading: LabelReading
  private let column: Int?
  private let columns: [(name: String, index: Int)]

  init(_ reading: LabelReading, _ choice: ColumnChoice) {
    self.reading = reading
    column = choice.label
    columns = choice.labels.map { (choice.columns[$0], $0) }
  }

  /// Returns the labels of a row, each once, in the order of the file; throws a `LabelledDataError` for what says neither yes nor no.
  func labels(of record: Record, file: String) throws -> [String] {
    if !columns.isEmpty {
      return try columns.filter { column in
        let text = try record[column.index].trimmed
        guard let holds = Self.answers[text.lowercased()] else {
          throw LabelledDataError(
            file: file,
            problem: .neitherYesNorNo(line: record.line, column: column.name, found: text))
        }
        return holds
      }.map(\.name)
    }
    guard let column else { preconditionFailure("a label column was required") }
    let text = try record[column].trimmed
    guard case .separated(_, let separator) = reading else { return [text] }
    var labels: [String] = []
    for part in text.split(separator: separator) {
      let label = String(part).trimmed
      if !label.isEmpty, !labels.contains(where: { $0.hasSameUTF8(as: label) }) {
        labels.append(label)
      }
    }
    return labels
  }

  private static let answers = [
    "1": true, "1.0": true, "true": true, "yes": true, "0": false, "0.0": false, "false": false,
    "no": false, "": false,
  ]
}

extension LabelledTextSet {
  /// Returns the label of each example as a number.
  ///
  /// - Throws: `LabelledDataError` with the lines of the labels that are none.
  public func numbers() throws(LabelledDataError) -> [Double] {
    let numbers = examples.map { Self.number($0.label) }
    let others = zip(examples, numbers).filter { $1 == nil }.map(\.0)
    guard others.isEmpty else {
      throw LabelledDataError(
        file: file, problem: .notNumbers(lines: others.map(\.line), first: others[0].label))
    }
    return numbers.compactMap { $0 }
  }

  /// The finite number that a label is, if it is one.
  public static func number(_ label: String) -> Double? {
    // Swift reads "0x1p3" and "nan" too; nobody means a number by them.
    let isPlain = label.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    return isPlain ? Double(label).flatMap { $0.isFinite ? $0 : nil } : nil
  }
}
