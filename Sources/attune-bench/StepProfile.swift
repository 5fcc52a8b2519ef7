// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneSystem
import AttuneTensors
import AttuneTraining

/// The parts of a step, each timed by itself at the sizes it has in the step.
struct StepProfile {
  private let products: Double
  private let productWork: Double
  private let attention: Double
  private let optimizer: Double

  init(_ options: ModelOptions, length: Int) {
    let layers = Double(options.layers)
    let shapes = ProductShape.ofStep(options, tokens: options.batch * length)
    products =
      shapes.reduce(0) { $0 + $1.secondsOfOurs(repeats: 5, in: options.precision) } * layers
    productWork = shapes.reduce(0) { $0 + $1.work } * layers
    attention = Self.secondsOfAttention(options, length: length) * layers
    optimizer = Self.secondsOfOptimizer(options, length: length)
  }

  /// Seconds and share of each part, and what is left of the step.
  func json(ofStep step: Double) -> JSONValue {
    func part(_ seconds: Double) -> JSONValue {
      ["seconds": .number(seconds), "share": .number(seconds / step)]
    }
    return [
      "products": part(products), "products_gflops": .number(productWork / products / 1e9),
      "attention": part(attention), "optimizer": part(optimizer),
      "rest": part(step - products - attention - optimizer),
    ]
  }

  private static func secondsOfAttention(_ options: ModelOptions, length: Int) -> Double {
    let layout = SequenceLayout(lengths: Array(repeating: length, count: options.batch))
    let key = RandomKey(seed: 3)
    let states = (0..<3).map {
      Tensor.uniform(
        [options.batch * length, options.width], bound: 1, key: key.place(UInt64($0)))
    }
    let settings = AttentionSettings(
      headCount: options.heads,
      dropout: options.dropout > 0 ? DropoutDraw(rate: options.dropout, key: key) : nil)
    return Stopwatch.median(of: 5) {
      _ = Tensor.attention(
        queries: states[0].tracked(as: "q"), layout, keys: states[1].tracked(as: "k"),
        values: states[2].tracked(as: "v"), layout, settings: settings
      ).sum().gradients()
    }
  }

  /// A gradient of the rows that so many tokens use.
  private static func someRows(of table: Tensor, count: Int) -> Gradient {
    let step = max(1, table.rowCount / count)
    let rows = stride(from: 0, to: table.rowCount, by: step).map { Int32($0) }
    return .rows(rows, Tensor(repeating: 1e-3, shape: [rows.count, table.columnCount]))
  }

  private static func secondsOfOptimizer(_ options: ModelOptions, length: Int) -> Double {
    var model = options.makeModel()
    var optimizer = AdamW()
    var gradients = Gradients()
    model.forEachParameter { name, parameter in
      gradients.byName[name] =
        parameter.rowCount == options.vocabulary
        ? someRows(of: parameter, count: options.batch * length)
        : .dense(Tensor(repeating: 1e-3, shape: parameter.shape))
    }
    return Stopwatch.median(of: 5) {
      optimizer.update(&model, along: gradients, learningRate: 1e-4)
    }
  }
}

/// Times closures.
enum Stopwatch {
  static func seconds(_ body: () -> Void) -> Double {
    let start = ContinuousClock.now
    body()
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// Processor time of all threads of this process so far.
  static var processorSeconds: Double {
    // POSIX fixes the unit of `clock` at a microsecond.
    Double(clock()) / 1e6
  }

  static func median(of count: Int, _ body: () -> Void) -> Double {
    body()
    return Quantiles((0..<count).map { _ in seconds(body) }).median
  }

  static func least(of count: Int, _ body: () -> Void) -> Double {
    body()
    return (0..<count).map { _ in seconds(body) }.min() ?? 0
  }
}
