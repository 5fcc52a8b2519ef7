// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors
internal import Foundation

/// How positions enter a model.
public enum PositionKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A trained vector for each position (BERT).
  case learned
  /// Fixed waves (Vaswani et al. 2017, section 3.5).
  case sinusoidal
  /// Queries and keys of attention turn (Su et al. 2021).
  case rotary
}

/// The fixed table of waves: sine in even columns, cosine in odd ones, wavelengths from 2 pi to 10000 * 2 pi.
public enum SinusoidalPositions {
  /// [count, dimension]
  public static func table(count: Int, dimension: Int) -> Tensor {
    table(0..<count, dimension: dimension, precision: .float32)
  }

  /// The rows of the given positions.  [positions, dimension]
  public static func table(
    _ positions: Range<Int>, dimension: Int, precision: Precision
  ) -> Tensor {
    let frequencies = (0..<dimension).map { pow(10000, -Double($0 / 2 * 2) / Double(dimension)) }
    var values: [Double] = []
    values.reserveCapacity(positions.count * dimension)
    for position in positions {
      for (column, frequency) in frequencies.enumerated() {
        let angle = Double(position) * frequency
        values.append(column.isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    }
    return Tensor(doubles: values, shape: [positions.count, dimension]).converted(to: precision)
  }
}

extension SequenceLayout {
  /// The position of each row in its sequence, starting at `first` for every sequence.
  public func positions(from first: Int = 0) -> [Int32] {
    positions(from: [Int](repeating: first, count: count))
  }

  /// The position of each row in its sequence, starting at `first` of that sequence.
  public func positions(from first: [Int]) -> [Int32] {
    precondition(first.count == count, "\(first.count) first positions for \(count) sequences")
    var result: [Int32] = []
    result.reserveCapacity(tokenCount)
    for sequence in 0..<count {
      result.append(contentsOf: (0..<length(of: sequence)).map { Int32(first[sequence] + $0) })
    }
    return result
  }
}

extension Embedding {
  /// Returns the vectors of the tokens times sqrt(dimension), plus the waves of their positions (Vaswani et al. 2017,
  /// sections 3.4 and 3.5).  -> [tokens, dimension]
  ///
  /// - Parameter first: Position of the first token of each sequence.
  public func positioned(_ tokens: TokenBatch, from first: [Int]) -> Tensor {
    let dimension = weight.columnCount
    let vectors = self(tokens.ids).scaled(by: Double(dimension).squareRoot())
    let positions = tokens.layout.positions(from: first)
    guard let lowest = positions.min(), let highest = positions.max() else { return vectors }
    let waves = SinusoidalPositions.table(
      Int(lowest)..<Int(highest) + 1, dimension: dimension, precision: weight.precision)
    return vectors + waves.rows(positions.map { $0 - lowest })
  }
}
