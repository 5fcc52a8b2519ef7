// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
public import AttuneTensors
internal import Synchronization

/// How positions enter a model.
public enum PositionKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A trained vector for each position (BERT).
  case learned
  /// Fixed waves (Vaswani et al. 2017, section 3.5).
  case sinusoidal
  /// Queries and keys of attention turn (Su et al. 2021).
  case rotary
}

/// Which columns of the table of waves hold sines.
public enum WaveOrder: String, Sendable, Hashable, Codable, CaseIterable {
  /// The even ones; the odd ones hold cosines (Vaswani et al. 2017, section 3.5).
  case interleaved
  /// Those of the first half; those of the second hold cosines (Marian, fairseq).
  case halves

  /// Which column of the interleaved table stands in each column.
  func columns(_ dimension: Int) -> [Int] {
    switch self {
    case .interleaved: Array(0..<dimension)
    case .halves:
      Array(stride(from: 0, to: dimension, by: 2)) + Array(stride(from: 1, to: dimension, by: 2))
    }
  }
}

/// The fixed table of waves: sines and cosines with wavelengths from 2 pi to 10000 * 2 pi.
public enum SinusoidalPositions {
  /// [count, dimension]
  public static func table(count: Int, dimension: Int) -> Tensor {
    table(0..<count, dimension: dimension, precision: .float32)
  }

  /// The rows of the given positions.  [positions, dimension]
  public static func table(
    _ positions: Range<Int>, dimension: Int, order: WaveOrder = .interleaved, precision: Precision
  ) -> Tensor {
    let columns = order.columns(dimension)
    let frequencies = columns.map { pow(10000, -Double($0 / 2 * 2) / Double(dimension)) }
    var values: [Double] = []
    values.reserveCapacity(positions.count * dimension)
    for position in positions {
      for (column, frequency) in zip(columns, frequencies) {
        let angle = Double(position) * frequency
        values.append(column.isMultiple(of: 2) ? sin(angle) : cos(angle))
      }
    }
    return Tensor(doubles: values, shape: [positions.count, dimension]).converted(to: precision)
  }
}

extension SinusoidalPositions {
  private struct Kind: Hashable {
    let dimension: Int
    let order: WaveOrder
    let precision: Precision
  }

  /// Writing a token at a time asks for one more position each time, and waves cost more than all else that it adds.
  private static let tables = Mutex<[Kind: Tensor]>([:])

  /// The rows of the first `count` positions and perhaps more, of which those of usual lengths are kept.
  public static func kept(
    count: Int, dimension: Int, order: WaveOrder, precision: Precision
  ) -> Tensor {
    let kind = Kind(dimension: dimension, order: order, precision: precision)
    return tables.withLock { tables in
      if let table = tables[kind], table.rowCount >= count { return table }
      let table = table(
        0..<(count + 127) / 128 * 128, dimension: dimension, order: order,
        precision: precision)
      if table.count <= 1 << 20 { tables[kind] = table }
      return table
    }
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

/// How the vectors of tokens and the waves of positions become the first states of a translator.
public struct TokenPositions: Sendable, Hashable {
  /// Which columns hold sines.
  public var order: WaveOrder
  /// Whether the vectors of tokens are multiplied by sqrt(dimension).
  public var scalesTokens: Bool

  /// The settings of Vaswani et al. 2017, sections 3.4 and 3.5, unless others are given.
  public init(order: WaveOrder = .interleaved, scalesTokens: Bool = true) {
    self.order = order
    self.scalesTokens = scalesTokens
  }
}

extension Embedding {
  /// Returns the vectors of the tokens plus the waves of their positions.  -> [tokens, dimension]
  ///
  /// - Parameter first: Position of the first token of each sequence.
  public func positioned(
    _ tokens: TokenBatch, from first: [Int], _ settings: TokenPositions = TokenPositions()
  ) -> Tensor {
    let dimension = weight.columnCount
    let plain = self(tokens.ids)
    let vectors =
      settings.scalesTokens ? plain.scaled(by: Double(dimension).squareRoot()) : plain
    let positions = tokens.layout.positions(from: first)
    guard let highest = positions.max() else { return vectors }
    let waves = SinusoidalPositions.kept(
      count: Int(highest) + 1, dimension: dimension, order: settings.order,
      precision: weight.precision)
    return vectors + waves.rows(positions)
  }
}
