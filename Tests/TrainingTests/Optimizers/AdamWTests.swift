// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import TestSupport
import Testing

@Suite("AdamW")
struct AdamWTests {
  /// The three parameters of the golden trace.
  struct Parameters: Module {
    var table = start("table", [5, 2])
    var weight = start("weight", [3, 4])
    var bias = start("bias", [4])

    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("table", &table)
      visit("weight", &weight)
      visit("bias", &bias)
    }

    static func start(_ name: String, _ shape: [Int]) -> Tensor {
      Tensor(
        (0..<shape.reduce(1, *)).map { Float(0.5 * cos(1.3 * Double($0) + Double(name.count))) },
        shape: shape)
    }
  }

  static func gradient(_ name: String, _ shape: [Int], step: Int) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { index -> Float in
      let angle = 0.37 * Double(index + 1) * Double(step) + Double(name.count)
      return Float(sin(angle) * 0.1 * Double(index + 1))
    }
    return Tensor(values, shape: shape)
  }

  static func gradients(step: Int, rows: [Int32] = [1, 3]) -> Gradients {
    var result = Gradients()
    let table = gradient("table", [5, 2], step: step)
    result.byName["table"] = .rows(rows, table.rows(rows))
    result.byName["weight"] = .dense(gradient("weight", [3, 4], step: step))
    result.byName["bias"] = .dense(gradient("bias", [4], step: step))
    return result
  }

  static let settings = AdamW.Settings(weightDecay: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6)

  @Test("100 steps are those of torch.optim.AdamW")
  func followsTorch() throws {
    let golden = try InputFile.json(of: Golden.path("Training/adamw.json"))
    let trace = try golden.fields(at: "trace")
    var expected: [Int: JSONField] = [:]
    for entry in trace { expected[try entry.integer(at: "step")] = entry }
    #expect(expected.count == 4)
    var model = Parameters()
    var optimizer = AdamW(Self.settings)
    for step in 1...100 {
      optimizer.update(&model, along: Self.gradients(step: step), learningRate: 1e-2)
      guard let entry = expected[step] else { continue }
      for (name, tensor) in model.namedTensors {
        for (value, reference) in zip(tensor.doubles, try entry.doubles(at: name)) {
          #expect(abs(value - reference) <= 1e-6 * max(abs(reference), 0.1), "\(name) at \(step)")
        }
      }
    }
  }

  @Test("A step copies no parameter and no moment")
  func copiesNothing() {
    var model = Parameters()
    var optimizer = AdamW(Self.settings)
    optimizer.update(&model, along: Self.gradients(step: 1), learningRate: 1e-2)
    let identities = model.namedTensors.map(\.tensor.identity)
    let moments = optimizer.namedTensors.filter { $0.tensor.shape != [2] }.map(\.tensor.identity)
    for step in 2...5 {
      optimizer.update(&model, along: Self.gradients(step: step), learningRate: 1e-2)
    }
    #expect(model.namedTensors.map(\.tensor.identity) == identities)
    #expect(
      optimizer.namedTensors.filter { $0.tensor.shape != [2] }.map(\.tensor.identity) == moments)
  }

  @Test("Gradients by rows move a table as the same gradients written out do")
  func rowsEqualDense() {
    var (byRows, dense) = (Parameters(), Parameters())
    var (first, second) = (AdamW(Self.settings), AdamW(Self.settings))
    for (step, rows) in [[0], [4], [0, 1, 4], [1, 2], []].enumerated() {
      var gradients = Self.gradients(step: step, rows: rows.map { Int32($0) })
      first.update(&byRows, along: gradients, scaledBy: 0.5, learningRate: 1e-2)
      gradients.byName["table"] = gradients["table"].map { .dense($0.dense(shape: [5, 2])) }
      second.update(&dense, along: gradients, scaledBy: 0.5, learningRate: 1e-2)
    }
    #expect(byRows.table.values == dense.table.values)
  }

  @Test("The rate of a parameter is multiplied by the factor of its name")
  func multipliesRates() {
    var settings = Self.settings
    settings.rateMultiplier = { $0 == "weight" ? 0 : 1 }
    var model = Parameters()
    var optimizer = AdamW(settings)
    optimizer.update(&model, along: Self.gradients(step: 1), learningRate: 1e-2)
    #expect(model.weight.values == Parameters().weight.values)
    #expect(model.bias.values != Parameters().bias.values)
  }

  @Test("An optimizer restored from its tensors goes on in the same bits")
  func restores() throws {
    var (model, optimizer) = (Parameters(), AdamW(Self.settings))
    for step in 1...3 {
      optimizer.update(&model, along: Self.gradients(step: step), learningRate: 1e-2)
    }
    var (again, restored) = (
      model, try AdamW(Self.settings, restoring: optimizer.namedTensors, for: model)
    )
    optimizer.update(&model, along: Self.gradients(step: 4), learningRate: 1e-2)
    restored.update(&again, along: Self.gradients(step: 4), learningRate: 1e-2)
    for (left, right) in zip(
      model.namedTensors + optimizer.namedTensors, again.namedTensors + restored.namedTensors)
    {
      #expect(left.name == right.name && left.tensor.values == right.tensor.values)
    }
  }

  @Test("Everything in a saved optimizer that does not fit is named at once")
  func refusesForeignState() {
    var (model, optimizer) = (Parameters(), AdamW(Self.settings))
    optimizer.update(&model, along: Self.gradients(step: 1), learningRate: 1e-2)
    var saved = optimizer.namedTensors.filter { $0.name != "bias.step" }
    saved.append((name: "other.step", tensor: Tensor([0, 1])))
    let error = #expect(throws: TrainingError.self) {
      try AdamW(Self.settings, restoring: saved, for: model)
    }
    #expect(
      error?.description == """
        the saved optimizer does not fit the model:
          bias: first_moment, second_moment and step [2] belong together
          other.step: the model has no such parameter
        """)
  }
}
