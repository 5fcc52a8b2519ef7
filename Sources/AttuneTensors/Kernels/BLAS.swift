// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels
internal import COpenBLAS
internal import Foundation

/// The door to OpenBLAS.
///
/// OpenBLAS runs on one thread of its own; `Kernels.multiply` calls it on blocks from our pool. A multi-threaded
/// OpenBLAS inside pool tasks made a training step several times slower.
enum BLAS {
  /// Whether OpenBLAS computes a small product correctly on this processor; some releases do not on some processors.
  static let isTrusted: Bool = {
    openblas_set_num_threads(1)
    guard checksOut() else {
      let warning =
        "warning: OpenBLAS computes wrong products on this processor; using Attune's own loops (slower).\n"
      FileHandle.standardError.write(Data(warning.utf8))
      return false
    }
    return true
  }()

  /// C = alpha * op(A) op(B) + beta * C on the calling thread.
  static func multiply(
    _ precision: Precision, transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int,
    alpha: Double = 1, _ a: UnsafeRawPointer, _ aLeading: Int, _ b: UnsafeRawPointer,
    _ bLeading: Int, beta: Double = 0, _ c: UnsafeMutableRawPointer, _ cLeading: Int
  ) {
    guard m > 0, n > 0 else { return }
    // A call of BLAS costs more than a small product.
    guard isTrusted, m * n * k > smallProduct, k > 0 else {
      attune_small_gemm(
        precision.kernel, (transposeA ? 1 : 0) | (transposeB ? 2 : 0), m, n, k, alpha, a, aLeading,
        b, bLeading, beta, c, cLeading)
      return
    }
    let opA = transposeA ? CblasTrans : CblasNoTrans
    let opB = transposeB ? CblasTrans : CblasNoTrans
    switch precision {
    case .float32:
      cblas_sgemm(
        CblasRowMajor, opA, opB, blasint(m), blasint(n), blasint(k), Float(alpha),
        a.assumingMemoryBound(to: Float.self), blasint(aLeading),
        b.assumingMemoryBound(to: Float.self), blasint(bLeading), Float(beta),
        c.assumingMemoryBound(to: Float.self), blasint(cLeading))
    case .float64:
      cblas_dgemm(
        CblasRowMajor, opA, opB, blasint(m), blasint(n), blasint(k), alpha,
        a.assumingMemoryBound(to: Double.self), blasint(aLeading),
        b.assumingMemoryBound(to: Double.self), blasint(bLeading), beta,
        c.assumingMemoryBound(to: Double.self), blasint(cLeading))
    }
  }

  /// Multiply-adds below which our own loops win.
  private static let smallProduct = 1 << 15

  /// Compares a product of odd sizes in all four transpositions with plain loops.
  private static func checksOut() -> Bool {
    let (m, n, k) = (37, 53, 41)
    let a = (0..<m * k).map { Float(($0 * 7) % 13) - 6 }
    let b = (0..<k * n).map { Float(($0 * 5) % 11) - 5 }
    for (opA, opB) in [(false, false), (false, true), (true, false), (true, true)] {
      var c = [Float](repeating: 0, count: m * n)
      cblas_sgemm(
        CblasRowMajor, opA ? CblasTrans : CblasNoTrans, opB ? CblasTrans : CblasNoTrans, blasint(m),
        blasint(n), blasint(k), 1, a, blasint(opA ? m : k), b, blasint(opB ? k : n), 0, &c,
        blasint(n))
      for row in 0..<m {
        for column in 0..<n {
          var expected: Float = 0
          for inner in 0..<k {
            expected +=
              a[opA ? inner * m + row : row * k + inner]
              * b[opB ? column * k + inner : inner * n + column]
          }
          // Small integers: any order of summation is exact.
          guard c[row * n + column] == expected else { return false }
        }
      }
    }
    return true
  }
}
