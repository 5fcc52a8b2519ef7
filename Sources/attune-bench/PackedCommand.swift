// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneTensors
import COpenBLAS

/// The products of inference with packed weights, beside OpenBLAS.
struct PackedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packed",
    abstract: "Times linear maps with packed weights in each format beside OpenBLAS.")

  @Option(help: "Columns of the states.") var width: [Int] = [128, 256, 384]
  @Option(help: "Rows.") var rows: [Int] = [1, 16, 128, 4096]
  @Option(help: "Threads.") var threads = 1
  @Option(help: "Timed runs of each product; the fastest counts.") var repeats = 30

  func validate() throws {
    guard (width + rows + [threads, repeats]).allSatisfy({ $0 > 0 }) else {
      throw ValidationError("all numbers must be positive")
    }
  }

  func run() throws {
    Parallel.threadCount = threads
    ProductShape.letOpenBLASChooseItsKernels()
    for width in width {
      for (output, input) in [(4 * width, width), (width, 4 * width)] {
        for rows in rows { try report(rows: rows, input: input, output: output) }
      }
    }
  }

  private func report(rows: Int, input: Int, output: Int) throws {
    let key = RandomKey(seed: 1)
    let states = Tensor.uniform([rows, input], bound: 1, key: key.place(0))
    let weight = Weight(.uniform([output, input], bound: 1, key: key.place(1)))
    let work = 2 * Double(rows * input * output)
    var members: [(String, JSONValue)] = [
      ("benchmark", "packed"), ("rows", .integer(rows)), ("input", .integer(input)),
      ("output", .integer(output)), ("threads", .integer(threads)),
    ]
    for format in PackedMatrix.Format.allCases {
      let packed = weight.packed(as: format)
      let seconds = Stopwatch.least(of: repeats) { _ = states.linear(packed, bias: nil) }
      members.append(("\(format.rawValue)_gops", .number(work / seconds / 1e9)))
    }
    let shape = ProductShape(
      name: "linear", m: rows, n: output, k: input, transposesA: false, transposesB: true)
    members.append(
      (
        "openblas_gflops",
        .number(work / shape.secondsOfOpenBLAS(threads: threads, repeats: repeats) / 1e9)
      ))
    try Report.print(members)
  }
}
