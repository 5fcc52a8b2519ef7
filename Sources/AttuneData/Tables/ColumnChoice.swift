// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Which columns hold the texts and the label: as the user says, or by their names.
///
/// Names are compared without case. Nothing is guessed between two: the error lists the columns.
public struct ColumnChoice: Sendable, Equatable, CustomStringConvertible {
  /// The columns of the text; more than one are parts of it, in this order.
  public let text: [Int]
  /// The column of the label, if there is one.
  public let label: Int?
  /// The columns of labels that have one each.
  public let labels: [Int]
  /// The names of all columns.
  public let columns: [String]

  /// The choice in words, with the flags that change it.
  public var description: String {
    let texts = text.map { "'\(columns[$0])'" }.joined(separator: " + ")
    let own = labels.map { "'\(columns[$0])'" }.joined(separator: " + ")
    let labels =
      label.map { ", label: '\(columns[$0])'" } ?? (own.isEmpty ? "" : ", labels: \(own)")
    return "text: \(texts)\(labels) (other columns: --text-column, --label-column)"
  }

  /// Each list is tried as a whole; two columns of one list are one too many.
  private static let textNames = [
    ["text", "sentence", "review"],
    ["content", "body", "message", "comment", "tweet", "document"],
  ]
  private static let labelNames = [
    ["label", "labels", "target", "class"],
    ["sentiment", "category"],
    ["rating", "stars", "score"],
  ]

  /// Whether a label column is looked for.
  public enum LabelNeed: Sendable {
    /// It must be there.
    case required
    /// It is taken when it is there.
    case optional
    /// It is not looked for.
    case none
  }

  /// Chooses the columns of a file; `textNamed`, `labelNamed` and `labelColumns` are what the user said.
  ///
  /// - Parameter labelColumns: Columns of one label each; then no other label is looked for.
  public init(
    columns: [String], file: String, textNamed: [String] = [], labelNamed: String? = nil,
    labelColumns: [String] = [], label need: LabelNeed = .required
  ) throws(ColumnChoiceError) {
    let need = labelColumns.isEmpty ? need : .none
    self.columns = columns
    var search = ColumnSearch(columns: columns, file: file)
    var label = try labelNamed.map { name throws(ColumnChoiceError) in
      try search.named(name, for: .label)
    }
    var text: [Int] = []
    for name in textNamed { text.append(try search.named(name, for: .text)) }
    var labels: [Int] = []
    for name in labelColumns { labels.append(try search.named(name, for: .label)) }
    search.taken = Set(text + labels + (label.map { [$0] } ?? []))
    if label == nil, need != .none {
      label = try search.guess(Self.labelNames, for: .label)
      if let label { search.taken.insert(label) }
    }
    if text.isEmpty {
      let rest = columns.indices.filter { !search.taken.contains($0) }
      let guessed = try search.guess(Self.textNames, for: .text)
      guard let column = guessed ?? (rest.count == 1 ? rest[0] : nil) else {
        throw search.error(.notFound, for: .text)
      }
      text = [column]
    }
    if label == nil, need == .required { throw search.error(.notFound, for: .label) }
    (self.text, self.label, self.labels) = (text, label, labels)
  }
}

private struct ColumnSearch {
  let columns: [String]
  let file: String
  var taken: Set<Int> = []

  func named(
    _ name: String, for role: ColumnChoiceError.Role
  ) throws(ColumnChoiceError) -> Int {
    if let exact = columns.firstIndex(where: { $0.hasSameUTF8(as: name) }) { return exact }
    let folded = name.trimmed.lowercased()
    let matches = columns.indices.filter { columns[$0].lowercased() == folded }
    guard matches.count < 2 else {
      throw error(.ambiguous(matches.map { columns[$0] }), for: role)
    }
    guard let match = matches.first else { throw error(.unknown(name), for: role) }
    return match
  }

  func guess(
    _ tiers: [[String]], for role: ColumnChoiceError.Role
  ) throws(ColumnChoiceError) -> Int? {
    for tier in tiers {
      let matches = columns.indices.filter {
        !taken.contains($0) && tier.contains(columns[$0].lowercased())
      }
      guard matches.count < 2 else {
        throw error(.ambiguous(matches.map { columns[$0] }), for: role)
      }
      if let match = matches.first { return match }
    }
    return nil
  }

  func error(
    _ problem: ColumnChoiceError.Problem, for role: ColumnChoiceError.Role
  ) -> ColumnChoiceError {
    ColumnChoiceError(file: file, role: role, columns: columns, problem: problem)
  }
}

/// Why the columns of the text or the label are not clear.
public struct ColumnChoiceError: AttuneError, Equatable {
  /// What the column is wanted for.
  public enum Role: String, Sendable {
    /// The text.
    case text
    /// The label.
    case label
  }

  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// No name is one of the usual ones.
    case notFound
    /// Several columns may be meant.
    case ambiguous([String])
    /// The user's name is not in the file.
    case unknown(String)
  }

  /// The file.
  public let file: String
  /// What the column is wanted for.
  public let role: Role
  /// The columns that are there.
  public let columns: [String]
  /// What is wrong.
  public let problem: Problem

  /// The command line must say more.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    let list = columns.map { "'\($0)'" }.joined(separator: ", ")
    let advice = "The columns are \(list). Choose with --\(role.rawValue)-column NAME."
    switch problem {
    case .notFound: return "\(file): no column is clearly the \(role.rawValue). \(advice)"
    case .ambiguous(let names):
      let names = names.map { "'\($0)'" }.joined(separator: " and ")
      return "\(file): \(names) could each be the \(role.rawValue). \(advice)"
    case .unknown(let name):
      let suggestion = EditDistance.suggestion(for: name, in: columns)
      return "\(file): there is no column '\(name)'.\(suggestion) \(advice)"
    }
  }
}
