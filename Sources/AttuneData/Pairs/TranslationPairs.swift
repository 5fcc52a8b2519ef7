// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A text and its translation.
public struct TranslationPair: Sendable, Equatable {
  /// What is translated, without white space at its ends.
  public let source: String
  /// The translation, likewise.
  public let target: String
  /// The line of the file on which the pair stands.
  public let line: Int

  /// Makes a pair.
  public init(source: String, target: String, line: Int = 0) {
    (self.source, self.target, self.line) = (source, target, line)
  }
}

/// Where the two sides of pairs stand.
public enum PairFiles: Sendable, Hashable {
  /// In one file of two columns, `.tsv`, `.csv` or `.jsonl`, gzip or not. Without names the first row is a pair, unless it
  /// holds two codes of languages or words such as `source` and `target`; JSON lines have two keys, also within
  /// `translation`.
  case table(String, source: String? = nil, target: String? = nil)
  /// In two files, line by line.
  case parallel(source: String, target: String)

  /// All files.
  public var paths: [String] {
    switch self {
    case .table(let path, _, _): [path]
    case .parallel(let source, let target): [source, target]
    }
  }
}

/// The pairs of files, in their order; pairs with an empty side are left out and counted.
public struct TranslationPairs: Sendable {
  /// The file, or the two.
  public let files: PairFiles
  /// The pairs of which neither side is empty.
  public let pairs: [TranslationPair]
  /// Lines of pairs with an empty side.
  public let emptyLines: [Int]
  /// The first row, when it names the columns.
  public let heading: [String]?

  /// Reads all pairs; throws when none is left.
  public init(_ files: PairFiles, encoding: TextEncoding = .utf8) throws {
    var pairs: [TranslationPair] = []
    var emptyLines: [Int] = []
    func add(_ source: String, _ target: String, _ line: Int) {
      let pair = TranslationPair(source: source.trimmed, target: target.trimmed, line: line)
      if pair.source.isEmpty || pair.target.isEmpty {
        emptyLines.append(line)
      } else {
        pairs.append(pair)
      }
    }
    var heading: [String]?
    switch files {
    case .parallel(let source, let target): try Self.readParallel(source, target, encoding, add)
    case .table(let path, let source, let target):
      switch TableFormat.suffix(of: path) {
      case "jsonl", "ndjson": try Self.readJSON(path, source, target, encoding, add)
      default: heading = try Self.readTable(path, source, target, encoding, add)
      }
    }
    guard !pairs.isEmpty else {
      throw TranslationPairsError.noPairs(files.paths, emptyCount: emptyLines.count)
    }
    (self.files, self.pairs, self.emptyLines) = (files, pairs, emptyLines)
    self.heading = heading
  }

  private typealias Add = (_ source: String, _ target: String, _ line: Int) -> Void

  private static func readParallel(
    _ source: String, _ target: String, _ encoding: TextEncoding, _ add: Add
  ) throws {
    let sources = try LinesReader(path: source, encoding: encoding)
    let targets = try LinesReader(path: target, encoding: encoding)
    while true {
      switch (try sources.next(), try targets.next()) {
      case (let source?, let target?): add(source, target, sources.lineNumber)
      case (nil, nil): return
      default:
        while try sources.next() != nil {}
        while try targets.next() != nil {}
        throw TranslationPairsError.unequalCounts(
          (source, sources.lineNumber), (target, targets.lineNumber))
      }
    }
  }

  private static func readTable(
    _ path: String, _ source: String?, _ target: String?, _ encoding: TextEncoding, _ add: Add
  ) throws -> [String]? {
    let isNamed = source != nil || target != nil
    let table = try Table(
      path: path, options: DelimitedOptions(encoding: encoding, hasHeader: isNamed))
    let places = try places(source, target, of: table.columns, isNamed: isNamed, path)
    var heading = isNamed ? table.columns : nil
    var isFirst = !isNamed
    while let record = try table.next() {
      let (source, target) = (try record[places.source], try record[places.target])
      if isFirst, isHeading(source), isHeading(target) {
        heading = [source, target]
      } else {
        add(source, target, record.line)
      }
      isFirst = false
    }
    return heading
  }

  /// Whether a field of the first row names its column: a code such as `en` or `pt-BR`, or a usual word.
  private static func isHeading(_ field: String) -> Bool {
    let known = [
      "source", "target", "src", "tgt", "trg", "text", "translation", "english", "french", "german",
      "eng", "fra", "deu", "spa", "ita", "por", "nld", "pol", "rus", "zho", "jpn",
    ]
    if known.contains(field.trimmed.lowercased()) { return true }
    let parts = field.trimmed.utf8.split(separator: UInt8(ascii: "-"), maxSplits: 1)
    guard let code = parts.first, code.count == 2 else { return false }
    return code.allSatisfy { 0x61...0x7A ~= $0 }
      && (parts.count == 1 || 2...4 ~= parts[1].count)
  }

  private static func readJSON(
    _ path: String, _ source: String?, _ target: String?, _ encoding: TextEncoding, _ add: Add
  ) throws {
    let lines = try JSONLinesReader(path: path, encoding: encoding)
    var names: (source: String, target: String)?
    while let line = try lines.next() {
      let object = line["translation"]?.objectValue ?? line
      if names == nil {
        let keys = object.keys
        let places = try places(source, target, of: keys, isNamed: true, path)
        names = (keys[places.source], keys[places.target])
      }
      guard let names else { return }
      func side(_ name: String) throws -> String {
        switch object[name] {
        case .string(let text)?: return text
        case nil, .null?:
          throw DataFileError(
            file: lines.name, line: lines.lineNumber, .missingValue(column: name))
        case let value?:
          throw DataFileError(
            file: lines.name, line: lines.lineNumber, .notText(column: name, found: value.kind))
        }
      }
      add(try side(names.source), try side(names.target), lines.lineNumber)
    }
  }

  /// The columns that are named, or else the only two.
  private static func places(
    _ source: String?, _ target: String?, of columns: [String], isNamed: Bool, _ path: String
  ) throws(TranslationPairsError) -> (source: Int, target: Int) {
    func place(_ name: String) throws(TranslationPairsError) -> Int {
      guard let place = columns.firstIndex(where: { $0.hasSameUTF8(as: name) }) else {
        throw .unknownColumn(path, name: name, columns: columns)
      }
      return place
    }
    switch (source, target) {
    case (let source?, let target?): return (try place(source), try place(target))
    case (nil, nil) where columns.count == 2: return (0, 1)
    case (nil, nil):
      throw .notTwoColumns(path, columns: isNamed ? columns : nil, count: columns.count)
    default: throw .oneColumnNamed(path, columns: columns)
    }
  }
}

/// Why files hold no pairs that can be learned from.
public enum TranslationPairsError: AttuneError {
  /// Two files of unequal lengths.
  case unequalCounts((file: String, lines: Int), (file: String, lines: Int))
  /// No pair has two sides.
  case noPairs([String], emptyCount: Int)
  /// Nobody said which of several columns are meant.
  case notTwoColumns(String, columns: [String]?, count: Int)
  /// A column that is not there.
  case unknownColumn(String, name: String, columns: [String])
  /// Only one of the two sides was named.
  case oneColumnNamed(String, columns: [String])

  /// The files are at fault, or what was said about them.
  public var exitCode: ExitStatus {
    switch self {
    case .unequalCounts, .noPairs: .data
    case .notTwoColumns, .unknownColumn, .oneColumnNamed: .usage
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .unequalCounts(let source, let target):
      return
        "\(source.file) has \(source.lines) lines, but \(target.file) has \(target.lines). "
        + "Expected the translation of each line on the same line of the other file."
    case .noPairs(let paths, let count):
      let place = paths.joined(separator: " and ")
      return count == 0
        ? "\(place): there are no pairs."
        : "\(place): each of the \(count) pairs has an empty side."
    case .notTwoColumns(let path, let columns, let count):
      let names = columns.map { ": \(Self.list($0))" } ?? ""
      return
        "\(path): found \(count) column\(count == 1 ? "" : "s")\(names), expected two, a text and its "
        + "translation. Name two of a header: --source-column NAME --target-column NAME."
    case .unknownColumn(let path, let name, let columns):
      return
        "\(path): there is no column '\(name)'.\(EditDistance.suggestion(for: name, in: columns)) "
        + "The columns are \(Self.list(columns))."
    case .oneColumnNamed(let path, let columns):
      return
        "\(path): --source-column and --target-column belong together. The columns are "
        + "\(Self.list(columns))."
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
  }
}
