// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// Finds the row of a matrix whose product with a vector, and a bias, is the largest, by less work than computing them all.
///
/// All products are computed in 8-bit integers first. How far rounding can move them is bounded (Cauchy-Schwarz inequality over what
/// was rounded away), so the few that may be the largest are known, and only those are computed in Float32: the row found is the
/// one that the Float32 products name, always.
public struct MaximumInnerProductSearch: Sendable {
  private let exact: PackedMatrix
  private let rounded: PackedMatrix
  /// Length of each row of the rounded matrix.  [rows]
  private let lengths: Tensor
  /// How far rounding moved a row, as a share of its length: the most of all rows.
  private let stray: Double
  /// Added to the products.  [rows]
  private let bias: Tensor
  /// More than rounding the largest bias can change a sum by.
  private let slack: Double

  /// Numbers of intermediate results that stay in the near caches.
  private static let scoresAtOnce = 1 << 17

  /// A search in a matrix that is packed in Float32; nil where it is not, or is so small that nothing is won.
  public init?(_ weight: Weight, bias: Tensor?) {
    guard let matrix = weight.packed, matrix.format == .float32 else { return nil }
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    guard QuantizedMatrix.pays([rows, columns]) else { return nil }
    let values = matrix.values
    let quantized = QuantizedMatrix(values)
    let (lengths, stray) = Self.lengths(of: quantized, values)
    self.init(
      exact: matrix, rounded: PackedMatrix(quantized), lengths: lengths, stray: stray,
      bias: bias?.detached() ?? Tensor([Float](repeating: 0, count: rows), shape: [rows]))
  }

  private init(
    exact: PackedMatrix, rounded: PackedMatrix, lengths: Tensor, stray: Double, bias: Tensor
  ) {
    (self.exact, self.rounded, self.lengths, self.stray) = (exact, rounded, lengths, stray)
    self.bias = bias
    let largest = bias.values.lazy.map(\.magnitude).filter(\.isFinite).max() ?? 0
    slack = Double(largest) * 0x1p-20
  }

  /// Length of each rounded row, and the largest distance between a row and what it was rounded to, as a share of that.
  private static func lengths(
    of quantized: QuantizedMatrix, _ values: Tensor
  ) -> (lengths: Tensor, stray: Double) {
    let (rows, columns) = (quantized.rowCount, quantized.columnCount)
    let floats = values.pointer.assumingMemoryBound(to: Float.self)
    let found = Parallel.map(rows, chunk: 256) { row in
      var (length, stray) = (0.0, 0.0)
      for index in row * columns..<(row + 1) * columns {
        let meant = Double(Float(quantized.integers[index]) * quantized.scales[row])
        let moved = Double(floats[index]) - meant
        length += meant * meant
        stray += moved * moved
      }
      length = length.squareRoot()
      return (length: length, stray: stray == 0 ? 0 : stray.squareRoot() / length)
    }
    // A row that is not finite makes the share a NaN, with which every row contends.
    let stray = found.reduce(0.0) { $1.stray <= $0 ? $0 : $1.stray }
    return (Tensor(found.map { Float($0.length) }, shape: [rows]), stray)
  }

  /// The same search without some of the rows.
  public func excluding(_ rows: some Sequence<Int32>) -> MaximumInnerProductSearch {
    var values = bias.values
    for row in rows where values.indices.contains(Int(row)) { values[Int(row)] = -.infinity }
    return MaximumInnerProductSearch(
      exact: exact, rounded: rounded, lengths: lengths, stray: stray,
      bias: Tensor(values, shape: bias.shape))
  }

  /// Returns for each vector the row with the largest sum, of equal ones the first; nil where no sum is a number above -infinity.
  /// [vectors, columns]
  public func callAsFunction(_ vectors: Tensor) -> [Int32?] {
    precondition(
      vectors.columnCount == exact.columnCount && vectors.precision == .float32,
      "vectors \(vectors.shape) for rows of \(exact.columnCount) numbers")
    let count = vectors.rowCount
    let chunk = max(1, Self.scoresAtOnce / exact.rowCount)
    let found = Parallel.map((count + chunk - 1) / chunk) { piece in
      let rows = piece * chunk..<min(count, (piece + 1) * chunk)
      let part = rows.count == count ? vectors : vectors.rows(rows.map { Int32($0) })
      let scores = Kernels.packedLinear(part, rounded, bias, then: nil)
      return (0..<rows.count).map { largest(of: part, row: $0, scores) }
    }
    return found.flatMap { $0 }
  }

  private func largest(of vectors: Tensor, row: Int, _ scores: Tensor) -> Int32? {
    let (count, columns) = (exact.rowCount, exact.columnCount)
    let width = Int(ATTUNE_PANEL_COLUMNS)
    let panelCount = (count + width - 1) / width
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: panelCount) { panels in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { sums in
        guard let target = sums.baseAddress else { return nil }
        let vector = vectors.pointer(atElement: row * columns)
        let contending = attune_contending_panels(
          ATTUNE_FLOAT32, scores.pointer(atElement: row * count), lengths.pointer, count, vector,
          columns, stray, slack, panels.baseAddress)
        var best = (row: Int32?.none, sum: -Float.infinity)
        for panel in panels.prefix(contending) {
          let rows = Int(panel) * width..<min(count, (Int(panel) + 1) * width)
          exact.multiply(
            vector, rows: 1, columns: rows, bias.pointer(atElement: rows.lowerBound),
            ATTUNE_IDENTITY, target)
          for (row, sum) in zip(rows, sums) where sum > best.sum { best = (Int32(row), sum) }
        }
        return best.row
      }
    }
  }
}
