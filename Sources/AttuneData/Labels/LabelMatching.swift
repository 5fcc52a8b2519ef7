// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Which label of a model each label of a file means.
///
/// Models of others call their labels `POSITIVE` or `LABEL_1` where a file says `positive` or `1`. Names count first, as they
/// are and then without case; where no name fits, numbers are taken as places among the model's labels, from 0.
public struct LabelMatching: Sendable, Equatable {
  /// How the labels were matched.
  public enum Kind: Sendable, Equatable {
    /// By their names.
    case names
    /// By their names without case.
    case foldedNames
    /// By their places.
    case places
    /// As the user said.
    case map
  }

  /// How the labels were matched; of several ways the one that is least sure.
  public let kind: Kind
  /// The pairs that are not equal, in the order of the file's labels.
  public let renamed: [(label: String, meaning: String)]
  private let places: [TextKey: Int]

  /// Matches the labels of a file with those of a model.
  ///
  /// - Parameters:
  ///   - map: The model's label that a label of the file means, as the user says; a number may be a place.
  public init(
    _ labels: [String], known: [String], map: [(label: String, meaning: String)] = [], file: String
  ) throws(UnknownLabelsError) {
    let search = LabelSearch(known)
    var mapped: [TextKey: Int] = [:]
    for (label, meaning) in map {
      guard let place = search.place(of: meaning) ?? search.index(meaning) else {
        throw UnknownLabelsError(file: "--label-map", unknown: [meaning], known: known)
      }
      mapped[TextKey(text: label)] = place
    }
    let rest = labels.filter { mapped[TextKey(text: $0)] == nil }
    let ways: [(Kind, (String) -> Int?)] = [
      (.names, search.place), (.foldedNames, search.foldedPlace), (.places, search.index),
    ]
    guard
      let (kind, place) = ways.first(where: { _, place in rest.allSatisfy { place($0) != nil } })
    else {
      throw UnknownLabelsError(
        file: file, unknown: rest.filter { search.foldedPlace(of: $0) == nil }, known: known)
    }
    for label in rest { mapped[TextKey(text: label)] = place(label) }
    places = mapped
    self.kind = kind == .names && !map.isEmpty ? .map : kind
    renamed = labels.compactMap { label in
      guard let place = mapped[TextKey(text: label)], !known[place].hasSameUTF8(as: label) else {
        return nil
      }
      return (label, known[place])
    }
  }

  /// The place of the model's label that a label of the file means.
  public subscript(label: String) -> Int? { places[TextKey(text: label)] }

  /// Returns whether both match the same labels in the same way.
  public static func == (left: LabelMatching, right: LabelMatching) -> Bool {
    left.kind == right.kind && left.places == right.places
  }
}

/// The labels of a model, to be found by what stands in a file.
private struct LabelSearch {
  private var names: [TextKey: Int] = [:]
  private var foldedNames: [String: Int] = [:]
  private var ambiguous: Set<String> = []
  private let count: Int

  init(_ labels: [String]) {
    count = labels.count
    for (place, label) in labels.enumerated() {
      if names[TextKey(text: label)] == nil { names[TextKey(text: label)] = place }
      let folded = label.lowercased()
      if foldedNames[folded] != nil { ambiguous.insert(folded) }
      foldedNames[folded] = place
    }
  }

  func place(of label: String) -> Int? { names[TextKey(text: label)] }

  func foldedPlace(of label: String) -> Int? {
    if let place = place(of: label) { return place }
    let folded = label.lowercased()
    return ambiguous.contains(folded) ? nil : foldedNames[folded]
  }

  func index(_ label: String) -> Int? { Int(label).flatMap { (0..<count).contains($0) ? $0 : nil } }
}

/// Labels of a file that a model never gives.
public struct UnknownLabelsError: AttuneError, Equatable {
  /// Where the labels stand.
  public let file: String
  /// Labels that nothing fits.
  public let unknown: [String]
  /// The model's labels.
  public let known: [String]

  /// The input does not fit.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    let shown = unknown.prefix(10).map { label in
      "'\(label)'"
        + (EditDistance.nearest(to: label, in: known).map { " (did you mean '\($0)'?)" } ?? "")
    }
    let rest = unknown.count > 10 ? " and \(unknown.count - 10) more" : ""
    let names = known.prefix(30).map { "'\($0)'" }.joined(separator: ", ")
    let example = "\(unknown.first ?? "a")=\(known.first ?? "b")"
    return "\(file): the model does not know the \(unknown.count == 1 ? "label" : "labels") "
      + "\(shown.joined(separator: ", "))\(rest). Its labels are \(names)\(known.count > 30 ? " …" : "")."
      + " Say what they mean with --label-map \(example), choose another column with --label-column, "
      + "or another model with --model."
  }
}
