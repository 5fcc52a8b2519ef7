// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// What a cell of a target x source grid sees of its neighbours.
public struct GridWindow: Sendable, Hashable {
  /// Target rows: its own and those before.
  public let targetRows: Int
  /// Source columns, its own in the middle.
  public let sourceColumns: Int

  /// A window of the given size; the number of columns is odd.
  public init(targetRows: Int, sourceColumns: Int) {
    precondition(
      targetRows > 0 && sourceColumns > 0 && !sourceColumns.isMultiple(of: 2),
      "a window of \(targetRows) x \(sourceColumns) cells")
    self.targetRows = targetRows
    self.sourceColumns = sourceColumns
  }

  /// Cells in the window.
  public var cellCount: Int { targetRows * sourceColumns }
}

/// The last target rows that a convolution has seen of each grid.
public struct GridHistory: DecoderState {
  /// [cells, channels]; nil before the first call.
  fileprivate var cells: Tensor?
  fileprivate var layout: GridLayout

  /// Nothing seen yet of grids with the given numbers of source columns.
  public init(sourceLengths: [Int]) {
    layout = GridLayout(
      targetLengths: sourceLengths.map { _ in 0 }, sourceLengths: sourceLengths)
  }

  public var rowCount: Int { layout.count }

  public mutating func select(rows: [Int]) {
    let ids = rows.flatMap { (layout.offsets[$0]..<layout.offsets[$0 + 1]).map { Int32($0) } }
    cells = cells?.rows(ids)
    layout = GridLayout(
      targetLengths: rows.map { layout.targetLengths[$0] },
      sourceLengths: rows.map { layout.sourceLengths[$0] })
  }

  public mutating func detach() { cells = cells?.detached() }
}

/// A convolution over target x source grids that does not look ahead in the target (Elbayad, Besacier and Verbeek 2018,
/// section 3.1).
public struct GridConvolution: Module {
  /// From the cells of the window, target row after target row, to a cell.  [output, window * channels]
  public var map: Linear
  /// What a cell sees.
  public let window: GridWindow

  /// A convolution with weights of variance 2 / inputs (He et al. 2015, equation 10).
  public init(channels: Int, output: Int, window: GridWindow, key: RandomKey) {
    let inputs = window.cellCount * channels
    map = Linear(
      input: inputs, output: output, standardDeviation: (2 / Float(inputs)).squareRoot(), key: key)
    self.window = window
  }

  /// [cells, channels] -> [cells, output]
  ///
  /// - Parameter history: The rows before these; becomes the rows before the next ones.
  public func callAsFunction(
    _ cells: Tensor, layout: GridLayout, history: inout GridHistory
  ) -> Tensor {
    precondition(
      layout.sourceLengths == history.layout.sourceLengths && cells.rowCount == layout.cellCount,
      "cells \(cells.shape) do not fit their grids")
    let both = JoinedGrids(past: history.layout, next: layout)
    let all = history.cells.map { Tensor.concatenatingRows([$0, cells]) } ?? cells
    (history.cells, history.layout) = both.lastRows(window.targetRows - 1, of: all)
    let seen = all.rows(both.neighbours(in: window))
    return map(seen.reshaped([cells.rowCount, window.cellCount * cells.columnCount]))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("map", &map)
  }
}

/// Grids whose first rows lie in one matrix and whose next rows lie in another one behind it.
private struct JoinedGrids {
  let past: GridLayout
  let next: GridLayout

  /// Row of a cell in the joined matrices; `row` counts from the first next one. -1 outside the grid.
  func cell(grid: Int, row: Int, column: Int) -> Int32 {
    guard (0..<next.sourceLengths[grid]).contains(column) else { return -1 }
    if row >= 0 {
      return Int32(past.cellCount + next.cell(grid: grid, row: row, column: column))
    }
    let pastRow = past.targetLengths[grid] + row
    return pastRow < 0 ? -1 : Int32(past.cell(grid: grid, row: pastRow, column: column))
  }

  /// The cells in the window of each next cell.
  func neighbours(in window: GridWindow) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(next.cellCount * window.cellCount)
    for grid in 0..<next.count {
      for row in 0..<next.targetLengths[grid] {
        for column in 0..<next.sourceLengths[grid] {
          for seenRow in (row - window.targetRows + 1)...row {
            for offset in 0..<window.sourceColumns {
              let seenColumn = column + offset - window.sourceColumns / 2
              result.append(cell(grid: grid, row: seenRow, column: seenColumn))
            }
          }
        }
      }
    }
    return result
  }

  /// At most `count` last rows of each grid.
  func lastRows(_ count: Int, of all: Tensor) -> (cells: Tensor, layout: GridLayout) {
    var ids: [Int32] = []
    var lengths: [Int] = []
    for grid in 0..<next.count {
      let last = next.targetLengths[grid]
      let first = max(last - count, -past.targetLengths[grid])
      lengths.append(last - first)
      for row in first..<last {
        ids += (0..<next.sourceLengths[grid]).map { cell(grid: grid, row: row, column: $0) }
      }
    }
    return (
      all.rows(ids), GridLayout(targetLengths: lengths, sourceLengths: next.sourceLengths)
    )
  }
}
