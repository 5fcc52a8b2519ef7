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

  /// What has the same share on both sides.
  public enum Strata: Sendable, Hashable {
    /// The one label of each text; every label needs at least two different texts.
    case labels
    /// Of each set of labels the one that the fewest texts have.
    case rarestLabels
    /// Nothing: the division is random.
    case none
  }

  /// Splits off the fraction of each stratum for validation, of labels at least one example, and never all.
  ///
  /// - Precondition: `fraction` lies between 0 and 1.
  public init(
    _ set: LabelledTextSet, fraction: Double, seed: UInt64, strata: Strata = .labels
  ) throws(LabelledDataError) {
    precondition(fraction > 0 && fraction < 1, "fraction: \(fraction) does not lie between 0 and 1")
    let stratumOfPlace = Self.strata(strata, of: set)
    var groups: [TextKey: [Int]] = [:]
    for (place, example) in set.examples.enumerated() {
      groups[example.foldedKey, default: []].append(place)
    }
    var byStratum: [TextKey: [(number: UInt64, key: TextKey, places: [Int])]] = [:]
    for (key, places) in groups {
      byStratum[Self.stratum(of: places, stratumOfPlace), default: []]
        .append((key.number(seed: seed), key, places))
    }
    let names = LabelledTextSet.sorted(Set(stratumOfPlace).map(\.text))
    if strata == .labels {
      let tooFew = names.filter { (byStratum[TextKey(text: $0)] ?? []).count < 2 }
      guard tooFew.isEmpty else {
        throw LabelledDataError(file: set.file, problem: .tooFewToSplit(tooFew))
      }
    }
    var validation: [Int] = []
    for name in names {
      let groups = (byStratum[TextKey(text: name)] ?? []).sorted {
        $0.number != $1.number
          ? $0.number < $1.number : $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8)
      }
      validation += Self.chosen(from: groups.map(\.places), fraction: fraction)
    }
    guard !validation.isEmpty else {
      throw LabelledDataError(file: set.file, problem: .tooFewToSplit(set.labels))
    }
    self.validation = validation.sorted()
    let chosen = Set(validation)
    training = set.examples.indices.filter { !chosen.contains($0) }
  }

  /// The stratum of each place.
  private static func strata(_ strata: Strata, of set: LabelledTextSet) -> [TextKey] {
    switch strata {
    case .labels: return set.examples.map { TextKey(text: $0.label) }
    case .none: return set.examples.map { _ in TextKey(text: "") }
    case .rarestLabels:
      var counts: [TextKey: Int] = [:]
      for label in set.examples.lazy.flatMap(\.labels) {
        counts[TextKey(text: label), default: 0] += 1
      }
      return set.examples.map { example in
        let keys = example.labels.map(TextKey.init)
        let rarest = keys.min {
          (counts[$0] ?? 0, $0.text) < (counts[$1] ?? 0, $1.text)
        }
        return rarest ?? TextKey(text: "")
      }
    }
  }

  /// The most frequent stratum of equal texts, the first in order among equals.
  private static func stratum(of places: [Int], _ strata: [TextKey]) -> TextKey {
    if places.count == 1 { return strata[places[0]] }
    var counts: [TextKey: Int] = [:]
    for place in places { counts[strata[place], default: 0] += 1 }
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
