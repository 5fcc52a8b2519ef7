// SPDX-License-Identifier: Apache-2.0

/// A division of examples in two that keeps the share of every label.
///
/// It depends on the texts, the labels and the seed alone, not on the order of the file; texts that are
/// equal but for case and white space stay on one side.
public struct StratifiedSplit: Sendable, Equatable {
  /// The places of the larger side, rising.
  public let training: [Int]
  /// The places of the smaller side, rising.
  public let validation: [Int]

  /// Splits off the fraction of each label for validation, at least one example and never all.
  ///
  /// - Precondition: `fraction` lies between 0 and 1.
  public init(
    _ set: LabelledTextSet, fraction: Double, seed: UInt64
  ) throws(LabelledDataError) {
    precondition(fraction > 0 && fraction < 1, "fraction: \(fraction) does not lie between 0 and 1")
    var groups: [TextKey: [Int]] = [:]
    for (place, example) in set.examples.enumerated() {
      groups[example.foldedKey, default: []].append(place)
    }
    var byLabel: [TextKey: [(number: UInt64, key: TextKey, places: [Int])]] = [:]
    for (key, places) in groups {
      byLabel[Self.label(of: places, in: set), default: []]
        .append((key.number(seed: seed), key, places))
    }
    let tooFew = set.labels.filter { (byLabel[TextKey(text: $0)] ?? []).count < 2 }
    guard tooFew.isEmpty else {
      throw LabelledDataError(file: set.file, problem: .tooFewToSplit(tooFew))
    }
    var validation: [Int] = []
    for label in set.labels {
      let groups = (byLabel[TextKey(text: label)] ?? []).sorted {
        $0.number != $1.number
          ? $0.number < $1.number : $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8)
      }
      validation += Self.chosen(from: groups.map(\.places), fraction: fraction)
    }
    self.validation = validation.sorted()
    let chosen = Set(validation)
    training = set.examples.indices.filter { !chosen.contains($0) }
  }

  /// The most frequent label of equal texts, the first in order among equals.
  private static func label(of places: [Int], in set: LabelledTextSet) -> TextKey {
    if places.count == 1 { return TextKey(text: set.examples[places[0]].label) }
    var counts: [TextKey: Int] = [:]
    for place in places { counts[TextKey(text: set.examples[place].label), default: 0] += 1 }
    let most = counts.values.max() ?? 0
    let frequent = counts.filter { $0.value == most }.map(\.key.text)
    return TextKey(text: LabelledTextSet.sorted(frequent).first ?? "")
  }

  /// Takes whole groups until the fraction is reached; the last group always stays.
  private static func chosen(from groups: [[Int]], fraction: Double) -> [Int] {
    let total = groups.reduce(0) { $0 + $1.count }
    let target = max(1, Int((Double(total) * fraction).rounded()))
    var chosen: [Int] = []
    for group in groups.dropLast() {
      if chosen.isEmpty || chosen.count + group.count <= target { chosen += group }
      if chosen.count >= target { break }
    }
    return chosen
  }
}
