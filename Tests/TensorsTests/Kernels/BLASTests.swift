// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("OpenBLAS and its stand-in")
struct BLASTests {
  @Test("A library that computes wrong products is not used, and the user is told")
  func fallback() {
    var warnings: [String] = []
    // Right for small matrices, wrong beyond: the check must look at both.
    let source = BLAS.source(
      checking: { transposeA, transposeB, m, n, k, a, b in
        (0..<m * n).map { cell in
          let (row, column) = (cell / n, cell % n)
          let sum = (0..<k).reduce(Float(0)) { sum, inner in
            sum + a[transposeA ? inner * m + row : row * k + inner]
              * b[transposeB ? column * k + inner : inner * n + column]
          }
          return m > 100 && transposeA && cell == 5 ? sum + 1 : sum
        }
      }, warn: { warnings.append($0) })
    #expect(source == .own)
    #expect(warnings.count == 1)
  }

  @Test("A library that computes right products is used silently")
  func trusted() {
    let source = BLAS.source(
      checking: { transposeA, transposeB, m, n, k, a, b in
        (0..<m * n).map { cell in
          let (row, column) = (cell / n, cell % n)
          return (0..<k).reduce(Float(0)) { sum, inner in
            sum + a[transposeA ? inner * m + row : row * k + inner]
              * b[transposeB ? column * k + inner : inner * n + column]
          }
        }
      }, warn: { Issue.record("\($0)") })
    #expect(source == .openBLAS)
  }

  @Test(
    "Our loops and OpenBLAS agree on large products", arguments: [false, true], [false, true])
  func ownLoops(transposeA: Bool, transposeB: Bool) {
    let (m, n, k) = (67, 81, 95)
    for precision in [Precision.float32, .float64] {
      let a = Tensor.drawn([m, k], seed: 1).converted(to: precision)
      let b = Tensor.drawn([k, n], seed: 2).converted(to: precision)
      let start = Tensor.drawn([m, n], seed: 3).converted(to: precision)
      let products = [BLAS.Source.openBLAS, .own].map { source in
        var c = start
        c.withMutableStorage {
          BLAS.multiply(
            precision, transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k,
            alpha: 0.5, a.pointer, transposeA ? m : k, b.pointer, transposeB ? k : n, beta: 2, $0,
            n, by: source)
        }
        return c.doubles
      }
      let bound = precision == .float32 ? 1e-6 : 1e-14
      #expect(relativeDistance(products[0], products[1]) < bound)
    }
  }
}
