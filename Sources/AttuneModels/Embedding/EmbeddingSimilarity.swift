// SPDX-License-Identifier: Apache-2.0

/// How alike two vectors are; larger is more alike.
public enum EmbeddingSimilarity: String, Sendable, Hashable, Codable, CaseIterable {
  /// The cosine of the angle between them, from -1 to 1.
  case cosine
  /// The sum of their products.
  case dot
  /// The distance with a minus sign.
  case euclidean
  /// The sum of the absolute differences with a minus sign.
  case manhattan

  /// Returns how alike two vectors of one length are; 0 as the cosine of a vector without direction.
  public func callAsFunction(
    _ a: some Collection<Float>, _ b: some Collection<Float>
  ) -> Float {
    precondition(a.count == b.count, "vectors of \(a.count) and \(b.count) numbers")
    func sum(_ term: (Double, Double) -> Double) -> Double {
      zip(a, b).reduce(0) { $0 + term(Double($1.0), Double($1.1)) }
    }
    switch self {
    case .cosine:
      let squares = sum { x, _ in x * x } * sum { _, y in y * y }
      return squares > 0 ? Float(sum { $0 * $1 } / squares.squareRoot()) : 0
    case .dot: return Float(sum { $0 * $1 })
    case .euclidean: return Float(-sum { ($0 - $1) * ($0 - $1) }.squareRoot())
    case .manhattan: return Float(-sum { abs($0 - $1) })
    }
  }
}
