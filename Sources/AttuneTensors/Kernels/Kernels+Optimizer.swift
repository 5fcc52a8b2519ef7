// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// One step of AdamW on all elements, in place: the caller owns `parameter` and both moments.
  static func adamW(
    _ parameter: Tensor, _ first: Tensor, _ second: Tensor, along gradient: Gradient,
    _ settings: attune_adamw_settings
  ) {
    switch gradient {
    case .dense(let values):
      precondition(
        values.shape == parameter.shape, "AdamW: \(values.shape) along \(parameter.shape)")
      Parallel.forElements(parameter.count) { range in
        adamW(
          parameter, first, second, range, values.pointer(atElement: range.lowerBound), settings)
      }
    case .rows(let rows, let values):
      precondition(
        values.columnCount == parameter.columnCount && values.rowCount == rows.count,
        "AdamW: \(rows.count) rows \(values.shape) along \(parameter.shape)")
      Parallel.forRows(parameter.rowCount, columns: parameter.columnCount) { range in
        adamW(parameter, first, second, range, rows, values, settings)
      }
    }
  }

  /// Rows that the gradient leaves out move too: by their momentum and by weight decay.
  private static func adamW(
    _ parameter: Tensor, _ first: Tensor, _ second: Tensor, _ range: Range<Int>, _ rows: [Int32],
    _ values: Tensor, _ settings: attune_adamw_settings
  ) {
    let width = parameter.columnCount
    var next = rows.partitioningIndex { $0 >= range.lowerBound }
    var row = range.lowerBound
    while row < range.upperBound {
      let start = next
      var end = row
      while next < rows.count, end < range.upperBound, rows[next] == end {
        (next, end) = (next + 1, end + 1)
      }
      let hasGradient = end > row
      if !hasGradient {
        end = next < rows.count ? min(Int(rows[next]), range.upperBound) : range.upperBound
      }
      adamW(
        parameter, first, second, row * width..<end * width,
        hasGradient ? values.pointer(atElement: start * width) : nil, settings)
      row = end
    }
  }

  private static func adamW(
    _ parameter: Tensor, _ first: Tensor, _ second: Tensor, _ range: Range<Int>,
    _ gradient: UnsafeMutableRawPointer?, _ settings: attune_adamw_settings
  ) {
    var settings = settings
    let start = range.lowerBound
    attune_adamw(
      parameter.precision.kernel, &settings, gradient, parameter.pointer(atElement: start),
      first.pointer(atElement: start), second.pointer(atElement: start), range.count)
  }
}

extension [Int32] {
  /// The first index whose element passes; the elements that pass stand at the end.
  fileprivate func partitioningIndex(where passes: (Int32) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if passes(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
