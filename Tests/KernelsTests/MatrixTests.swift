// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

extension KernelTests {
  @Test("Sums over rows and columns, and scaling along them", arguments: Level.ofFloats)
  func rowsAndColumns(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths {
      for rows in [0, 1, 5] {
        checkColumns(Float.self, rows, columns)
        checkColumns(Double.self, rows, columns)
        checkScaling(Float.self, rows, columns)
        checkScaling(Double.self, rows, columns)
      }
    }
  }

  private func checkColumns<Element: KernelNumber>(_: Element.Type, _ rows: Int, _ columns: Int) {
    let leading = columns + 3
    var numbers = Numbers(seed: UInt64(columns))
    let x: [Element] = numbers.array(rows * leading)
    let a: [Element] = numbers.array(rows * columns)
    let b: [Element] = numbers.array(rows * leading)
    let start: [Element] = numbers.array(columns)
    var (sums, dots) = (start, start)
    attune_column_sums(Element.precision, x, leading, &sums, rows, columns)
    attune_column_dots(Element.precision, a, b, &dots, rows, columns)
    var rowDots = [Element](repeating: 7, count: rows)
    attune_row_dots(Element.precision, a, columns, x, leading, &rowDots, rows, columns)
    expectClose(
      sums,
      (0..<columns).map { c in
        (0..<rows).reduce(Double(start[c])) { $0 + Double(x[$1 * leading + c]) }
      })
    expectClose(
      dots,
      (0..<columns).map { c in
        (0..<rows).reduce(Double(start[c])) {
          $0 + Double(a[$1 * columns + c]) * Double(b[$1 * columns + c])
        }
      })
    expectClose(
      rowDots,
      (0..<rows).map { r in
        (0..<columns).reduce(0) {
          $0 + Double(a[r * columns + $1]) * Double(x[r * leading + $1])
        }
      })
    var cut = start
    for r in 0..<rows {
      attune_column_sums(Element.precision, Array(x[(r * leading)...]), leading, &cut, 1, columns)
    }
    expectSameBits(sums, cut, "Rows one by one")
  }

  private func checkScaling<Element: KernelNumber>(_: Element.Type, _ rows: Int, _ columns: Int) {
    var numbers = Numbers(seed: UInt64(columns))
    let x: [Element] = numbers.array(rows * columns)
    let scale: [Element] = numbers.array(columns)
    let shift: [Element] = numbers.array(columns)
    let factors: [Element] = numbers.array(rows)
    var result = x
    attune_scale_columns(Element.precision, x, scale, shift, &result, rows, columns)
    expectClose(
      result,
      x.indices.map {
        Double(x[$0]) * Double(scale[$0 % columns]) + Double(shift[$0 % columns])
      })
    attune_scale_columns(Element.precision, x, nil, shift, &result, rows, columns)
    expectClose(result, x.indices.map { Double(x[$0]) + Double(shift[$0 % columns]) })
    attune_scale_columns(Element.precision, x, scale, nil, &result, rows, columns)
    expectClose(result, x.indices.map { Double(x[$0]) * Double(scale[$0 % columns]) })
    attune_scale_rows(Element.precision, x, factors, &result, rows, columns)
    expectClose(result, x.indices.map { Double(x[$0]) * Double(factors[$0 / columns]) })
  }

  @Test(
    "Gathered rows are sums over tables, and a negative id adds nothing", arguments: Level.ofFloats)
  func gatheredRows(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths {
      checkGather(Float.self, columns)
      checkGather(Double.self, columns)
    }
  }

  private func checkGather<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    let rows = 9
    var numbers = Numbers(seed: UInt64(columns))
    let tables: [[Element]] = (0..<3).map { _ in numbers.array(5 * columns) }
    let ids = (0..<3).map { _ in numbers.indices(rows, below: 6).map { $0 - 1 } }
    var result = [Element](repeating: 7, count: rows * columns + 1)
    withPointers(tables) { tablePointers in
      withPointers(ids) { idPointers in
        let typed = idPointers.map { $0?.assumingMemoryBound(to: Int32.self) }
        attune_gather_rows(
          Element.precision, tablePointers, typed, 3, &result, rows, columns)
      }
    }
    let expected = (0..<rows * columns).map { place in
      (0..<3).reduce(0.0) { sum, t in
        let id = Int(ids[t][place / columns])
        return id < 0 ? sum : sum + Double(tables[t][id * columns + place % columns])
      }
    }
    expectClose(result, expected + [7])
  }

  /// Calls `body` with the addresses of the arrays.
  private func withPointers<Element>(
    _ arrays: [[Element]], _ body: ([UnsafeRawPointer?]) -> Void
  ) {
    func add(_ pointers: [UnsafeRawPointer?]) {
      guard pointers.count < arrays.count else { return body(pointers) }
      arrays[pointers.count].withUnsafeBytes { add(pointers + [$0.baseAddress]) }
    }
    add([])
  }

  @Test("Sums of rows in the order of a list", arguments: Level.ofFloats)
  func summedRows(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths {
      checkSumRows(Float.self, columns)
      checkSumRows(Double.self, columns)
    }
  }

  private func checkSumRows<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    var numbers = Numbers(seed: UInt64(columns))
    let x: [Element] = numbers.array(7 * columns)
    let order = numbers.indices(11, below: 7)
    let starts = [Int32].bounds(of: 11)
    let groups = starts.count - 1
    var result = [Element](repeating: 7, count: groups * columns + 1)
    attune_sum_rows(Element.precision, x, order, starts, &result, groups, columns)
    let expected = (0..<groups * columns).map { place in
      (Int(starts[place / columns])..<Int(starts[place / columns + 1])).reduce(0.0) {
        $0 + Double(x[Int(order[$1]) * columns + place % columns])
      }
    }
    expectClose(result, expected + [7])
  }

  @Test("Mean and maximum over segments", arguments: Level.ofFloats)
  func segments(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths {
      checkSegments(Float.self, columns)
      checkSegments(Double.self, columns)
    }
  }

  private func checkSegments<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    var numbers = Numbers(seed: UInt64(columns))
    // Few distinct values, so that maxima are reached more than once.
    let x = (0..<11 * columns).map { _ in Element((numbers.next() * 2).rounded()) }
    let offsets = [Int32].bounds(of: 11).map { Int64($0) }
    let segments = offsets.count - 1
    var mean = [Element](repeating: 7, count: segments * columns + 1)
    var most = mean
    var winners = [Int32](repeating: 7, count: segments * columns + 1)
    attune_segment_mean(Element.precision, x, offsets, &mean, segments, columns)
    attune_segment_max(Element.precision, x, offsets, &most, &winners, segments, columns)
    var (means, maxima, rows) = ([Double](), [Double](), [Int32]())
    for place in 0..<segments * columns {
      let range = Int(offsets[place / columns])..<Int(offsets[place / columns + 1])
      let column = range.map { Double(x[$0 * columns + place % columns]) }
      means.append(column.isEmpty ? 0 : column.reduce(0, +) / Double(column.count))
      maxima.append(column.max() ?? 0)
      let first = column.firstIndex { $0 == maxima[place] }
      rows.append(first.map { Int32(range.lowerBound + $0) } ?? -1)
    }
    expectClose(mean, means + [7])
    expectClose(most, maxima + [7])
    #expect(winners == rows + [7])
  }

  @Test("The maximum over a segment with NaN is NaN", arguments: Level.ofFloats)
  func maximumOfNaN(level: Level) {
    level.use()
    defer { Level.leave() }
    for place in 0..<3 {
      var column: [Float] = [1, 2, 3]
      column[place] = .nan
      var (most, winner): ([Float], [Int32]) = ([0], [0])
      attune_segment_max(ATTUNE_FLOAT32, column, [0, 3], &most, &winner, 1, 1)
      #expect(most[0].isNaN)
      #expect(winner == [Int32(place)])
    }
  }
}
