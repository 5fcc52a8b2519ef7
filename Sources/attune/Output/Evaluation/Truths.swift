// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines

extension Truths {
  /// Reads what a file says of its rows as the model's task wants it.
  init(
    of set: LabelledTextSet, for classifier: TextClassification,
    meanings: [(label: String, meaning: String)], diagnostics: Diagnostics
  ) throws {
    func matching(_ labels: [String]) throws(UnknownLabelsError) -> LabelMatching {
      let matching = try LabelMatching(
        labels, known: classifier.labels, map: meanings, file: set.file)
      matching.note.map(diagnostics.note)
      return matching
    }
    switch classifier.task {
    case .singleLabel, .ordinal:
      let matching = try matching(set.labels)
      self = .labels(set.examples.map { matching[$0.label] ?? 0 })
    case .multiLabel:
      let separator = classifier.settings.labelSeparator
      let sets = set.examples.map { $0.label.labels(separatedBy: separator) }
      let matching = try matching(LabelledTextSet.sorted(Set(sets.joined())))
      self = .labelSets(
        sets.map { labels in
          let places = Set(labels.compactMap { matching[$0] })
          return classifier.labels.indices.map(places.contains)
        })
    case .regression:
      let numbers = set.examples.map { Double($0.label) ?? .nan }
      if let wrong = numbers.firstIndex(where: { !$0.isFinite }) {
        throw NotANumberError(
          file: set.file, line: set.examples[wrong].line, found: set.examples[wrong].label)
      }
      self = .numbers(numbers)
    }
  }
}

extension LabelMatching {
  /// What the user should know of labels that were not matched by their names as they are.
  fileprivate var note: String? {
    let pairs = renamed.prefix(10).map { "\($0.label) = \($0.meaning)" }.joined(separator: ", ")
    let rest = renamed.count > 10 ? " and \(renamed.count - 10) more" : ""
    switch kind {
    case .names: return nil
    case .foldedNames: return "labels matched without case: \(pairs)\(rest)"
    case .places:
      return "labels taken as places among the model's: \(pairs)\(rest) (otherwise: --label-map)"
    case .map: return renamed.isEmpty ? nil : "labels mapped: \(pairs)\(rest)"
    }
  }
}

extension String {
  /// The labels that stand in a field, without spaces around them.
  fileprivate func labels(separatedBy separator: String) -> [String] {
    components(of: self, separator).map(\.trimmedSpaces).filter { !$0.isEmpty }
  }

  private func components(of text: String, _ separator: String) -> [String] {
    separator.isEmpty ? [text] : text.split(separator: separator).map(String.init)
  }

  private var trimmedSpaces: String {
    var text = self[...]
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return String(text)
  }
}

/// A field that should hold a number.
struct NotANumberError: AttuneError, Equatable {
  let file: String
  let line: Int
  let found: String

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(file):\(line): found '\(found)', expected a number, since the model gives numbers. "
      + "Choose another column with --label-column."
  }
}
