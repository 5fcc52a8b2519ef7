// SPDX-License-Identifier: Apache-2.0

/// The names that another library gives to a model's parameters: one table for both directions.
///
/// ```swift
/// let bert = ParameterNameMap(
///   [
///     .rename("encoder.layers.{i}.query.{p}", "bert.encoder.layer.{i}.attention.self.query.{p}"),
///     .ignore("bert.embeddings.position_ids", because: "positions are counted, not stored"),
///   ],
///   optionalPrefix: "bert.", oldSpellings: ["gamma": "weight", "beta": "bias"])
/// ```
/// Left ours, right theirs. A placeholder matches on both sides: `{i}` and `{j}` digits, `{p...}`
/// anything, any other a text without a dot. The first rule that matches counts. Nothing is dropped
/// unless a rule says why.
public struct ParameterNameMap: Sendable {
  /// One line of the table.
  public struct Rule: Sendable {
    /// None: it is ignored; several: their tensor holds ours one below the other.
    let ours: [NamePattern]
    let theirs: NamePattern
    let reason: String

    /// Our name and theirs.
    public static func rename(_ ours: String, _ theirs: String) -> Rule { stack([ours], theirs) }

    /// Our names of the parts that one tensor of theirs holds, one below the other: rows of a matrix, elements of a vector.
    public static func stack(_ ours: [String], _ theirs: String) -> Rule {
      let right = NamePattern(theirs)
      let left = ours.map { NamePattern($0) }
      precondition(
        !left.isEmpty && left.allSatisfy { $0.placeholders == right.placeholders },
        "\(ours) and '\(theirs)' have different placeholders")
      return Rule(ours: left, theirs: right, reason: "")
    }

    /// A name of theirs that we have no use for; it is not written either.
    public static func ignore(_ theirs: String, because reason: String) -> Rule {
      Rule(ours: [], theirs: NamePattern(theirs), reason: reason)
    }
  }

  /// What the table says of a name of theirs.
  public enum Meaning: Sendable, Equatable {
    /// It is our parameter of this name.
    case ours(String)
    /// It holds our parameters of these names, one below the other.
    case stacked([String])
    /// It is not read, for this reason.
    case ignored(because: String)
    /// No rule knows it.
    case unknown
  }

  private var rules: [Rule]
  private let optionalPrefix: String?
  private let oldSpellings: [String: String]
  private var writesPrefix = true

  /// A table of rules.
  ///
  /// - Parameters:
  ///   - optionalPrefix: With what rules for theirs begin that some files leave out.
  ///   - oldSpellings: Last parts of names in old files, with what they are called in the rules.
  public init(
    _ rules: [Rule], optionalPrefix: String? = nil, oldSpellings: [String: String] = [:]
  ) {
    self.rules = rules
    self.optionalPrefix = optionalPrefix
    self.oldSpellings = oldSpellings
  }

  /// Theirs are ours.
  public static let identity = ParameterNameMap([.rename("{name...}", "{name...}")])

  /// Returns the table with rules that count before the present ones.
  public func preceded(by rules: [Rule]) -> ParameterNameMap {
    var copy = self
    copy.rules = rules + self.rules
    return copy
  }

  /// Returns the table that writes names without the optional prefix.
  public func writingWithoutPrefix() -> ParameterNameMap {
    var copy = self
    copy.writesPrefix = false
    return copy
  }

  /// Returns what a name of theirs means.
  public func meaning(of theirs: String) -> Meaning {
    let modern = respelled(theirs)
    let candidates = [modern] + (optionalPrefix.map { [$0 + modern] } ?? [])
    for candidate in candidates {
      for rule in rules {
        guard let bindings = rule.theirs.bindings(in: candidate) else { continue }
        let ours = rule.ours.map { $0.filled(with: bindings) }
        switch ours.count {
        case 0: return .ignored(because: rule.reason)
        case 1: return .ours(ours[0])
        default: return .stacked(ours)
        }
      }
    }
    return .unknown
  }

  /// Returns the name that our parameter has in their files, or nil if no rule knows it.
  public func theirs(of ours: String) -> String? { stored(ours)?.theirs }

  /// Where our parameter stands in their files: the name there, and all our parameters that it holds, in order.
  func stored(_ ours: String) -> (theirs: String, parts: [String])? {
    for rule in rules {
      guard let bindings = rule.ours.lazy.compactMap({ $0.bindings(in: ours) }).first else {
        continue
      }
      let parts = rule.ours.map { $0.filled(with: bindings) }
      let name = rule.theirs.filled(with: bindings)
      guard !writesPrefix, let optionalPrefix, name.hasPrefix(optionalPrefix) else {
        return (name, parts)
      }
      return (String(name.dropFirst(optionalPrefix.count)), parts)
    }
    return nil
  }

  private func respelled(_ name: String) -> String {
    let start = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { name.utf8.index(after: $0) }
    let last = name[(start ?? name.startIndex)...]
    guard let modern = oldSpellings[String(last)] else { return name }
    return name[..<last.startIndex] + modern
  }
}
