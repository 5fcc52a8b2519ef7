// SPDX-License-Identifier: Apache-2.0

/// What a check found wrong, all of it at once.
public struct Disagreement: Error, CustomStringConvertible {
  /// One line for each finding.
  public let description: String

  /// Throws when there are findings.
  static func require(none findings: [String]) throws {
    if !findings.isEmpty { throw Disagreement(description: findings.joined(separator: "\n")) }
  }
}

/// Returns the distance of two vectors, relative to the longer one, or to `floor` when both are shorter.
///
/// NaN anywhere, or another count, is infinitely far.
public func relativeDistance(_ a: [Double], _ b: [Double], floor: Double = 1e-30) -> Double {
  guard a.count == b.count else { return .infinity }
  func length(_ vector: some Sequence<Double>) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
  let distance = length(zip(a, b).map { $0 - $1 })
  return distance.isNaN ? .infinity : distance / max(length(a), length(b), floor)
}
