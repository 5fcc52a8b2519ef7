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
      let matching = try matching(set.labels)
      self = .labelSets(
        set.examples.map { example in
          let places = Set(example.labels.compactMap { matching[$0] })
          return classifier.labels.indices.map(places.contains)
        })
    case .regression:
      self = .numbers(try set.numbers())
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
