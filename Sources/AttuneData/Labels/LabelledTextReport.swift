// SPDX-License-Identifier: Apache-2.0

/// What a look at labelled examples finds before training: counts, repeats, contradictions.
public struct LabelledTextReport: Sendable, Equatable {
  /// How often a label occurs.
  public struct LabelCount: Sendable, Equatable {
    /// The label.
    public let label: String
    /// How many examples have it.
    public let count: Int
  }

  /// The labels in their order with their counts.
  public let counts: [LabelCount]
  /// Lines whose text stands earlier in the file, byte for byte.
  public let duplicateLines: [Int]
  /// Further lines whose text stands earlier but for case and white space.
  public let nearDuplicateLines: [Int]
  /// Lines of texts that stand with more than one label, without case and white space; text by text.
  public let conflicts: [[Int]]
  /// Lines without text.
  public let emptyLines: [Int]
}

extension LabelledTextSet {
  /// Returns counts, repeats and contradictions.
  public func report() -> LabelledTextReport {
    var byLabel: [TextKey: Int] = [:]
    var exact: Set<TextKey> = []
    var folded: [TextKey: [Int]] = [:]
    var (duplicates, nearDuplicates): ([Int], [Int]) = ([], [])
    for (place, example) in examples.enumerated() {
      for label in example.labels { byLabel[TextKey(text: label), default: 0] += 1 }
      if example.isEmpty { continue }
      let isNew = exact.insert(example.key).inserted
      let foldedKey = example.foldedKey
      if !isNew {
        duplicates.append(example.line)
      } else if folded[foldedKey] != nil {
        nearDuplicates.append(example.line)
      }
      folded[foldedKey, default: []].append(place)
    }
    let conflicts = folded.values.filter { places in
      Set(places.map { TextKey(text: examples[$0].label) }).count > 1
    }
    return LabelledTextReport(
      counts: labels.map { .init(label: $0, count: byLabel[TextKey(text: $0)] ?? 0) },
      duplicateLines: duplicates, nearDuplicateLines: nearDuplicates,
      conflicts: conflicts.map { $0.map { examples[$0].line } }.sorted { $0[0] < $1[0] },
      emptyLines: examples.filter(\.isEmpty).map(\.line))
  }

  /// Returns the lines of `other` whose text, without case and white space, stands in this set too.
  public func leaks(into other: LabelledTextSet) -> [Int] {
    let known = Set(examples.lazy.filter { !$0.isEmpty }.map(\.foldedKey))
    return other.examples.filter { known.contains($0.foldedKey) }.map(\.line)
  }
}
