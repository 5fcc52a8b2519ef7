// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import CAttuneKernels
internal import COpenBLAS

/// The door to OpenBLAS.
///
/// OpenBLAS runs on one thread of its own; `Kernels.multiply` calls it on blocks from our pool. A multi-threaded
/// OpenBLAS inside pool tasks made a training step several times slower.
enum BLAS {
  /// Whose loops compute large products.
  enum Source {
    case openBLAS
    case own
  }

  /// A product of whole matrices: op(A) op(B) -> C.
  typealias Product = (
    _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int, _ a: [Float],
    _ b: [Float]
  ) -> [Float]

  /// OpenBLAS where it computes correctly on this processor; some releases do not on some processors.
  static let source: Source = {
    openblas_set_num_threads(1)
    chooseKernels()
    return source(checking: { wholeProduct(.openBLAS, $0, $1, $2, $3, $4, $5, $6) }) { warning in
      let line = Array("warning: \(warning)\n".utf8)
      _ = write(STDERR_FILENO, line, line.count)
    }
  }()

  /// Our own loops, with a warning, when `product` is wrong.
  static func source(checking product: Product, warn: (String) -> Void) -> Source {
    guard isCorrect(product) else {
      warn(
        "OpenBLAS computes wrong products on this processor; using Attune's own loops (slower).")
      return .own
    }
    return .openBLAS
  }

  /// C = alpha * op(A) op(B) + beta * C on the calling thread.
  static func multiply(
    _ precision: Precision, transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int,
    alpha: Double = 1, _ a: UnsafeRawPointer, _ aLeading: Int, _ b: UnsafeRawPointer,
    _ bLeading: Int, beta: Double = 0, _ c: UnsafeMutableRawPointer, _ cLeading: Int,
    by chosen: Source? = nil
  ) {
    guard m > 0, n > 0 else { return }
    let source =
      chosen ?? (isSmall(m: m, n: n, k: k, transposeB: transposeB) ? .own : source)
    guard source == .openBLAS else {
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

  /// Whether our own loops win: where a call of BLAS costs more than its work, and where it would pack factors that
  /// are as large as the result. (OpenBLAS has kernels that do not pack for products of up to a million multiply-adds.)
  private static func isSmall(m: Int, n: Int, k: Int, transposeB: Bool) -> Bool {
    let work = m * n * k
    guard work > 1 << 15 else { return true }
    return max(m, n, k) <= 256 && (work > 1_000_000 || transposeB && min(m, n) >= 16)
  }

  /// Names the kernels to an OpenBLAS that is older than this processor.
  private static func chooseKernels() {
    guard attune_openblas_fell_back() != 0 else { return }
    if attune_supports_level(ATTUNE_LEVEL_AVX512) != 0 {
      attune_openblas_use("SkylakeX")
    } else if attune_supports_level(ATTUNE_LEVEL_AVX2) != 0 {
      attune_openblas_use("Haswell")
    }
  }

  /// Compares products of odd sizes, below and above OpenBLAS's own bound for small matrices, with our loops.
  private static func isCorrect(_ product: Product) -> Bool {
    for (m, n, k) in [(37, 53, 41), (131, 99, 83)] {
      let a = (0..<m * k).map { Float(($0 * 7) % 13) - 6 }
      let b = (0..<k * n).map { Float(($0 * 5) % 11) - 5 }
      for (opA, opB) in [(false, false), (false, true), (true, false), (true, true)] {
        // Small integers: any order of summation is exact.
        guard product(opA, opB, m, n, k, a, b) == wholeProduct(.own, opA, opB, m, n, k, a, b)
        else { return false }
      }
    }
    return true
  }

  private static func wholeProduct(
    _ source: Source, _ transposeA: Bool, _ transposeB: Bool, _ m: Int, _ n: Int, _ k: Int,
    _ a: [Float], _ b: [Float]
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: m * n) { buffer, count in
      guard let c = buffer.baseAddress else { return }
      multiply(
        .float32, transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, a,
        transposeA ? m : k, b, transposeB ? k : n, c, n, by: source)
      count = m * n
    }
  }
}
