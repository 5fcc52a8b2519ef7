// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// Rotary positions (Su et al. 2021): by how much the column pairs of each head turn in each row.
///
/// Columns i and width / 2 + i of a head turn together, by position * base^(-2 i / width), as checkpoints of the field are laid
/// out; so the product of a query and a key depends on the distance of their positions alone.
public struct RotaryPositions: Sendable {
  /// Cosines, then sines, of the angles of each distinct position.  [positions, headWidth]
  let turns: Tensor
  /// The row of `turns` that each row of the states has.
  let places: [Int32]

  /// The turns of rows that stand at `positions`, for heads of `headWidth` columns.
  ///
  /// - Parameter base: What the wavelengths grow with; 10,000 in the paper.
  public init(_ positions: [Int32], base: Float, headWidth: Int, precision: Precision) {
    precondition(headWidth.isMultiple(of: 2), "rotary positions: a head of \(headWidth) columns")
    precondition(base > 0, "rotary positions: a base of \(base)")
    let lowest = positions.min() ?? 0
    let frequencies = Self.frequencies(base: base, headWidth: headWidth)
    var values: [Double] = []
    for position in lowest..<(positions.max() ?? lowest - 1) + 1 {
      // Angles are rounded to Float32 in either precision: published checkpoints were trained with such.
      let angles = frequencies.map { Double(Float(position) * $0) }
      values += angles.map { cos($0) }
      values += angles.map { sin($0) }
    }
    turns = Tensor(
      doubles: values, shape: [values.count / max(headWidth, 1), headWidth]
    ).converted(to: precision)
    places = positions.map { $0 - lowest }
  }

  private static func frequencies(base: Float, headWidth: Int) -> [Float] {
    (0..<headWidth / 2).map { index in
      let exponent = Float(2 * index) / Float(headWidth)
      return 1 / Float(pow(Double(base), Double(exponent)))
    }
  }

  func requireFit(_ states: Tensor) {
    precondition(
      states.rowCount == places.count && states.columnCount.isMultiple(of: turns.columnCount)
        && states.precision == turns.precision,
      "rotary positions of \(places.count) rows, heads of \(turns.columnCount): \(states.shape)")
  }
}

extension Tensor {
  /// Returns queries or keys with the column pairs of every head turned.  [tokens, dimension] -> [tokens, dimension]
  public func rotated(by positions: RotaryPositions?) -> Tensor {
    guard let positions else { return self }
    return .recorded(Kernels.rotated(self, positions), from: [self]) { call in
      [.dense(Kernels.rotated(call.gradient, positions, isInverse: true))]
    }
  }
}
