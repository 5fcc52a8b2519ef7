// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A text with its label.
public struct LabelledText: Sendable {
  /// The parts of the text, one for each text column.
  public let parts: [String]
  /// The labels, without spaces around them; one, unless texts have sets of them.
  public let labels: [String]
  /// The line of the file on which the row starts.
  public let line: Int

  /// Makes an example of one label.
  public init(parts: [String], label: String, line: Int) {
    self.init(parts: parts, labels: [label], line: line)
  }

  /// Makes an example of any number of labels.
  public init(parts: [String], labels: [String], line: Int) {
    (self.parts, self.labels, self.line) = (parts, labels, line)
  }

  /// The one label; of a set all its labels in words.
  public var label: String { labels.count == 1 ? labels[0] : labels.joined(separator: ", ") }

  /// Whether no part holds anything but white space.
  public var isEmpty: Bool { parts.allSatisfy { $0.trimmed.isEmpty } }

  /// All parts as one key; U+001F, which texts do not hold, keeps them apart.
  var key: TextKey { TextKey(text: parts.joined(separator: "\u{1F}")) }

  /// The key without case, and with each run of white space as one space.
  var foldedKey: TextKey {
    TextKey(text: parts.map { FoldedText($0).text }.joined(separator: "\u{1F}"))
  }
}

/// All examples of a labelled file, read for training or evaluation.
public struct LabelledTextSet: Sendable {
  /// What happens to an example without text.
  public enum EmptyTexts: Sendable {
    /// Throw, with the lines.
    case refused
    /// Leave it out and count it.
    case dropped
    /// Keep it, so that rows and results stay in step.
    case kept
  }

  /// The file.
  public let file: String
  /// The examples in the order of the file.
  public let examples: [LabelledText]
  /// The labels that occur: numbers by value if all are, else by their UTF-8 bytes.
  public let labels: [String]
  /// How many examples without text were left out.
  public let droppedCount: Int
  /// The columns that were taken.
  public let choice: ColumnChoice?
  /// How the rows were stored.
  public let format: TableFormat?

  /// Reads a file, gzip or not; `-` is standard input.
  public init(
    path: String, textColumns: [String] = [], labelColumn: String? = nil,
    emptyTexts: EmptyTexts = .refused, options: DelimitedOptions = DelimitedOptions()
  ) throws {
    try self.init(
      path: path, textColumns: textColumns, labels: .whole(column: labelColumn),
      emptyTexts: emptyTexts, options: options)
  }

  /// Reads a file whose labels stand as told.
  public init(
    path: String, textColumns: [String] = [], labels: LabelReading,
    emptyTexts: EmptyTexts = .refused, options: DelimitedOptions = DelimitedOptions()
  ) throws {
    let table = try Table(path: path, options: options)
    try self.init(table, textColumns: textColumns, labels: labels, emptyTexts: emptyTexts)
  }

  /// Reads what is left of a table.
  public init(
    _ table: Table, textColumns: [String] = [], labelColumn: String? = nil,
    emptyTexts: EmptyTexts = .refused
  ) throws {
    try self.init(
      table, textColumns: textColumns, labels: .whole(column: labelColumn), emptyTexts: emptyTexts)
  }

  /// Reads what is left of a table whose labels stand as told.
  public init(
    _ table: Table, textColumns: [String] = [], labels reading: LabelReading,
    emptyTexts: EmptyTexts = .refused
  ) throws {
    let choice = try ColumnChoice(
      columns: table.columns, file: table.name, textNamed: textColumns,
      labelNamed: reading.namedColumn, labelColumns: reading.ownColumns)
    let reader = LabelReader(reading, choice)
    var examples: [LabelledText] = []
    var (unlabelled, empty): ([Int], [Int]) = ([], [])
    while let record = try table.next() {
      let example = LabelledText(
        parts: try choice.text.map { try record[$0] },
        labels: try reader.labels(of: record, file: table.name), line: record.line)
      if !reading.givesSets, example.label.isEmpty { unlabelled.append(example.line) }
      if example.isEmpty { empty.append(example.line) }
      if !example.isEmpty || emptyTexts == .kept { examples.append(example) }
    }
    func check(_ isWrong: Bool, _ problem: LabelledDataError.Problem) throws {
      if isWrong { throw LabelledDataError(file: table.name, problem: problem) }
    }
    try check(!unlabelled.isEmpty, .emptyLabels(lines: unlabelled))
    try check(!empty.isEmpty && emptyTexts == .refused, .emptyTexts(lines: empty))
    try check(examples.isEmpty, .noExamples)
    self.init(
      file: table.name, examples: examples,
      droppedCount: emptyTexts == .dropped ? empty.count : 0, choice: choice, format: table.format)
  }

  /// Makes a set of examples that did not come from one file.
  public init(file: String, examples: [LabelledText]) {
    self.init(file: file, examples: examples, droppedCount: 0, choice: nil, format: nil)
  }

  private init(
    file: String, examples: [LabelledText], droppedCount: Int, choice: ColumnChoice?,
    format: TableFormat?
  ) {
    (self.file, self.examples, self.droppedCount) = (file, examples, droppedCount)
    (self.choice, self.format) = (choice, format)
    labels = Self.sorted(Set(examples.lazy.flatMap(\.labels).map(TextKey.init)).map(\.text))
  }

  /// Returns the examples at the places, as a set of its own.
  public func subset(_ places: [Int]) -> LabelledTextSet {
    LabelledTextSet(
      file: file, examples: places.map { examples[$0] }, droppedCount: 0, choice: choice,
      format: format)
  }

  /// Returns the labels in their order: numbers by value if all are, else by UTF-8 bytes.
  public static func sorted(_ labels: some Sequence<String>) -> [String] {
    let labels = Array(labels)
    if labels.allSatisfy({ number($0) != nil }) {
      return labels.sorted {
        (number($0) ?? 0, $0.utf8.count) < (number($1) ?? 0, $1.utf8.count)
      }
    }
    return labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Throws what would make training or its measurement meaningless; to be asked before any work.
  ///
  /// - Parameter labels: All labels there are; nil: those that occur.
  public func checkForTraining(
    validation: LabelledTextSet? = nil, labels known: [String]? = nil
  ) throws(LabelledDataError) {
    let holdsSets = examples.contains { $0.labels.count != 1 }
    guard labels.count > 1 || holdsSets && !labels.isEmpty else {
      throw LabelledDataError(
        file: file, problem: labels.first.map { .oneClass($0) } ?? .noLabels)
    }
    guard let validation else { return }
    let labels = known ?? labels
    let known = Set(labels.map(TextKey.init))
    let unknown = validation.labels.filter { !known.contains(TextKey(text: $0)) }
    guard unknown.isEmpty else {
      throw LabelledDataError(
        file: validation.file, problem: .unknownLabels(unknown, known: labels))
    }
  }
}

/// Why labelled examples cannot be used.
public struct LabelledDataError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// Rows have no label.
    case emptyLabels(lines: [Int])
    /// Rows have no text.
    case emptyTexts(lines: [Int])
    /// The file has a header and no rows.
    case noExamples
    /// All examples have the same label.
    case oneClass(String)
    /// No text has any label.
    case noLabels
    /// Labels that the training data do not have.
    case unknownLabels([String], known: [String])
    /// Classes with fewer different texts than two sides need.
    case tooFewToSplit([String])
    /// Labels that are no numbers.
    case notNumbers(lines: [Int], first: String)
    /// A field that should say whether a label holds.
    case neitherYesNorNo(line: Int, column: String, found: String)
  }

  /// The file.
  public let file: String
  /// What is wrong.
  public let problem: Problem

  /// The input does not fit.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    switch problem {
    case .emptyLabels(let lines): "\(Self.place(file, lines)): the label is empty."
    case .emptyTexts(let lines):
      "\(Self.place(file, lines)): the text is empty. Remove the row, or ask to drop such rows."
    case .noExamples: "\(file): there are no rows after the header."
    case .oneClass(let label):
      "\(file): every example is labelled '\(label)', expected two or more classes."
    case .noLabels: "\(file): no text has any label, expected at least one."
    case .unknownLabels(let labels, let known):
      "\(file): \(Self.list(labels)) not among the labels of the training data, "
        + "\(Self.list(known))."
        + (labels.count == 1 ? EditDistance.suggestion(for: labels[0], in: known) : "")
    case .tooFewToSplit(let labels):
      "\(file): \(Self.list(labels)) has fewer than two different texts, which cannot be split."
        + " Add examples, or give a validation file."
    case .notNumbers(let lines, let first):
      "\(Self.place(file, lines)): the label '\(first)' is not a number, expected one such as 3 or 4.5."
    case .neitherYesNorNo(let line, let column, let found):
      "\(file):\(line): column '\(column)' holds '\(found)', expected 1 or 0 (true or false, yes or no): "
        + "whether the label holds."
    }
  }

  private static func place(_ file: String, _ lines: [Int]) -> String {
    let rest = lines.count > 10 ? " and \(lines.count - 10) more" : ""
    guard lines.count > 1 else { return "\(file):\(lines.first ?? 0)" }
    return "\(file): lines \(lines.prefix(10).map(String.init).joined(separator: ", "))\(rest)"
  }

  private static func list(_ labels: [String]) -> String {
    let rest = labels.count > 10 ? " and \(labels.count - 10) more" : ""
    return labels.prefix(10).map { "'\($0)'" }.joined(separator: ", ") + rest
  }
}
