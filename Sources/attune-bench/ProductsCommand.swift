// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneTensors
import COpenBLAS

/// The matrix products of a training step, ours beside OpenBLAS's own.
struct ProductsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm", abstract: "Times the products of a training step beside OpenBLAS.")

  @OptionGroup var options: ModelOptions
  @Option(help: "Rows of the states: batch times length.") var tokens = 4096
  @Option(help: "Timed runs of each product.") var repeats = 9

  func validate() throws {
    guard tokens > 0, repeats > 0 else {
      throw ValidationError("--tokens and --repeats must be positive")
    }
  }

  func run() throws {
    Parallel.threadCount = options.threads
    let shapes = ProductShape.ofStep(options, tokens: tokens)
    var (theirs, work) = (0.0, 0.0)
    var ours = [Double](repeating: 0, count: ProductPrecision.allCases.count)
    // Apart, since the threads of OpenBLAS keep a processor busy for a while after each call.
    let ownSeconds = shapes.map { shape in
      ProductPrecision.allCases.map { shape.secondsOfOurs(repeats: repeats, in: $0) }
    }
    ProductShape.letOpenBLASChooseItsKernels()
    let openSeconds = shapes.map {
      $0.secondsOfOpenBLAS(threads: options.threads, repeats: repeats)
    }
    for (shape, (own, open)) in zip(shapes, zip(ownSeconds, openSeconds)) {
      try Report.print(
        [
          ("benchmark", "gemm"), ("product", .string(shape.name)), ("m", .integer(shape.m)),
          ("n", .integer(shape.n)), ("k", .integer(shape.k)),
        ] + rates(of: shape.work, own, open))
      ours = zip(ours, own).map { $0 + $1 }
      (theirs, work) = (theirs + open, work + shape.work)
    }
    try Report.print(
      [
        ("benchmark", "gemm"), ("product", "all of a layer"),
        ("threads", .integer(options.threads)), ("ratio", .number(theirs / ours[0])),
      ] + rates(of: work, ours, theirs))
  }

  /// Operations a second of ours in each precision, Float32 first, and of OpenBLAS.
  private func rates(
    of work: Double, _ ours: [Double], _ theirs: Double
  ) -> [(String, JSONValue)] {
    let names = ["attune_gflops"] + ProductPrecision.allCases.dropFirst().map { "\($0)_gops" }
    return zip(names, ours).map { ($0, .number(work / $1 / 1e9)) }
      + [("openblas_gflops", .number(work / theirs / 1e9))]
  }
}

/// One product of a layer: op(a)[m][k] . op(b)[k][n].
struct ProductShape {
  let name: String
  let m: Int
  let n: Int
  let k: Int
  let transposesA: Bool
  let transposesB: Bool

  /// Floating-point operations.
  var work: Double { 2 * Double(m) * Double(n) * Double(k) }

  /// Forward, input gradient and weight gradient of the six maps of a layer.
  static func ofStep(_ options: ModelOptions, tokens: Int) -> [ProductShape] {
    let (width, wide) = (options.width, options.feedForward)
    let maps =
      [("query", width, width), ("key", width, width), ("value", width, width)]
      + [("output", width, width), ("expand", width, wide), ("contract", wide, width)]
    return maps.flatMap { name, input, output in
      [
        ProductShape(
          name: name, m: tokens, n: output, k: input, transposesA: false, transposesB: true),
        ProductShape(
          name: "\(name), input gradient", m: tokens, n: input, k: output, transposesA: false,
          transposesB: false),
        ProductShape(
          name: "\(name), weight gradient", m: output, n: input, k: tokens, transposesA: true,
          transposesB: false),
      ]
    }
  }

  /// A product in double precision goes through OpenBLAS, whose kernels Attune chooses when it first calls it.
  static func letOpenBLASChooseItsKernels() {
    let ones = Tensor(doubles: [Double](repeating: 1, count: 96 * 96), shape: [96, 96])
    _ = Tensor.product(ones, ones, transposeA: false, transposeB: false)
  }

  private func factors() -> (a: Tensor, b: Tensor) {
    let key = RandomKey(seed: 1)
    return (
      .uniform(transposesA ? [k, m] : [m, k], bound: 1, key: key.place(0)),
      .uniform(transposesB ? [n, k] : [k, n], bound: 1, key: key.place(1))
    )
  }

  /// The kernels that training runs, packing included.
  func secondsOfOurs(repeats: Int, in products: ProductPrecision) -> Double {
    let (a, b) = factors()
    return Stopwatch.median(of: repeats) {
      _ = Tensor.product(a, b, transposeA: transposesA, transposeB: transposesB, in: products)
    }
  }

  /// One call of OpenBLAS on as many threads of its own.
  func secondsOfOpenBLAS(threads: Int, repeats: Int) -> Double {
    let (a, b) = factors()
    var c = [Float](repeating: 0, count: m * n)
    openblas_set_num_threads(Int32(threads))
    defer { openblas_set_num_threads(1) }
    return a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        let (a, b) = (a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self))
        return Stopwatch.median(of: repeats) {
          cblas_sgemm(
            CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans,
            transposesB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1,
            a.baseAddress, blasint(transposesA ? m : k), b.baseAddress,
            blasint(transposesB ? k : n), 0, &c, blasint(n))
        }
      }
    }
  }
}
