// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors
internal import Foundation

/// How positions enter a model.
public enum PositionKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A trained vector for each position (BERT).
  case learned
  /// Fixed waves (Vaswani et al. 2017, section 3.5).
  case sinusoidal
}

/// The fixed table of waves: sine in even columns, cosine in odd ones, wavelengths from 2 pi to 10000 * 2 pi.
public enum SinusoidalPositions {
  /// [count, dimension]
  public static func table(count: Int, dimension: Int) -> Tensor {
    var values: [Float] = []
    values.reserveCapacity(count * dimension)
    for position in 0..<count {
      for column in 0..<dimension {
        let angle = Double(position) / pow(10000, Double(column / 2 * 2) / Double(dimension))
        values.append(Float(column.isMultiple(of: 2) ? sin(angle) : cos(angle)))
      }
    }
    return Tensor(values, shape: [count, dimension])
  }
}

extension SequenceLayout {
  /// The position of each row in its sequence, starting at `first` for every sequence.
  public func positions(from first: Int = 0) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(tokenCount)
    for sequence in 0..<count {
      result.append(contentsOf: (0..<length(of: sequence)).map { Int32(first + $0) })
    }
    return result
  }
}
