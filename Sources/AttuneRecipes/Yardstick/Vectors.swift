// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// Arithmetic on long vectors, in chunks that are added in order: the same bits for any number of threads.
enum Vectors {
  private static let chunk = 1 << 14

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var partial = [Double](repeating: 0, count: (a.count + chunk - 1) / chunk)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        partial.withUnsafeMutableBufferPointer { partial in
          forChunks(a.count) { index, range in
            var lanes = SIMD8<Double>.zero
            var place = range.lowerBound
            while place + 8 <= range.upperBound {
              for lane in 0..<8 { lanes[lane] += a[place + lane] * b[place + lane] }
              place += 8
            }
            var total = lanes.sum()
            for rest in place..<range.upperBound { total += a[rest] * b[rest] }
            partial[index] = total
          }
        }
      }
    }
    return partial.reduce(0, +)
  }

  static func largest(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }

  static func scaled(_ a: [Double], by factor: Double) -> [Double] {
    combined(a, a) { a, _ in a * factor }
  }

  /// a + factor * b
  static func sum(_ a: [Double], _ b: [Double], scaledBy factor: Double) -> [Double] {
    combined(a, b) { a, b in a + factor * b }
  }

  static func add(_ b: [Double], scaledBy factor: Double, to a: inout [Double]) {
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        forChunks(a.count) { _, range in
          for index in range { a[index] += factor * b[index] }
        }
      }
    }
  }

  private static func combined(
    _ a: [Double], _ b: [Double], _ combine: (Double, Double) -> Double
  ) -> [Double] {
    [Double](unsafeUninitializedCapacity: a.count) { result, count in
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          forChunks(a.count) { _, range in
            for index in range { result[index] = combine(a[index], b[index]) }
          }
        }
      }
      count = a.count
    }
  }

  private static func forChunks(_ count: Int, _ body: (Int, Range<Int>) -> Void) {
    Parallel.forEach((count + chunk - 1) / chunk) { index in
      body(index, index * chunk..<min((index + 1) * chunk, count))
    }
  }
}
