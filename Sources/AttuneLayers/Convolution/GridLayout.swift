// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Where each cell of several target x source grids stands: grid after grid, in each target row after target row.
public struct GridLayout: Sendable, Equatable {
  /// Target rows of each grid.
  public let targetLengths: [Int]
  /// Source columns of each grid.
  public let sourceLengths: [Int]
  /// First cell of each grid, and the total at the end.
  public let offsets: [Int]

  /// Grids of the given sizes.
  public init(targetLengths: [Int], sourceLengths: [Int]) {
    precondition(
      targetLengths.count == sourceLengths.count,
      "\(targetLengths.count) targets for \(sourceLengths.count) sources")
    self.targetLengths = targetLengths
    self.sourceLengths = sourceLengths
    offsets = SequenceLayout(lengths: zip(targetLengths, sourceLengths).map { $0 * $1 }).offsets
  }

  /// Number of grids.
  public var count: Int { targetLengths.count }

  /// Cells of all grids.
  public var cellCount: Int { offsets[count] }

  /// The cells of each target row, as sequences along the source.
  public var targetRows: SequenceLayout {
    SequenceLayout(
      lengths: zip(targetLengths, sourceLengths).flatMap { repeatElement($1, count: $0) })
  }

  /// The packed target token of each cell.
  public var targetTokens: [Int32] { targetRows.sequenceOfRow }

  /// The packed source token of each cell.
  ///
  /// - Parameter firstTokens: Packed row of the first source token of each grid.
  public func sourceTokens(firstTokens: [Int]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(cellCount)
    for grid in 0..<count {
      let columns = (0..<sourceLengths[grid]).map { Int32(firstTokens[grid] + $0) }
      for _ in 0..<targetLengths[grid] { result += columns }
    }
    return result
  }

  func cell(grid: Int, row: Int, column: Int) -> Int {
    offsets[grid] + row * sourceLengths[grid] + column
  }
}
