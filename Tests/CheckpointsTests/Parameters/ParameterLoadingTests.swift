// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

/// A module with every kind of property: module, array, optional, weight, tensor and buffer.
struct SmallModel: Module {
  var layers: [Linear]
  var norm: LayerNorm
  var scale: Tensor?
  var mean: Tensor

  init(value: Float = 0) {
    layers = (0..<2).map { _ in
      Linear(weight: Tensor(repeating: value, shape: [3, 2]), bias: nil)
    }
    norm = LayerNorm(dimension: 2, epsilon: 1e-5)
    scale = Tensor([value])
    mean = Tensor([value, value])
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("layers", &layers)
    visit("norm", &norm)
    visit("scale", &scale)
    visit.buffer("mean", &mean)
  }
}

@Suite("Loading fills every parameter or tells everything that does not fit")
struct ParameterLoadingTests {
  static let names = ParameterNameMap([
    .rename("layers.{i}.{p}", "encoder.layer.{i}.dense.{p}"),
    .rename("{name...}", "model.{name...}"),
    .ignore("position_ids", because: "positions are counted"),
  ])

  private func source(_ tensors: [NamedTensor]) throws -> SafetensorsFile {
    try SafetensorsFile(bytes: SafetensorsWriter(tensors).bytes(), name: "model.safetensors")
  }

  private func filled() -> SmallModel {
    var model = SmallModel()
    var next: Float = 0
    model.updateTensors { _, tensor, _ in
      tensor.assign((0..<tensor.count).map { Float($0) / 3 + next })
      next += 100
    }
    return model
  }

  private func bits(_ model: SmallModel) -> [[UInt32]] {
    model.namedTensors.map { $0.tensor.values.map(\.bitPattern) }
  }

  @Test("Saved and loaded under other names, the model is the same bit by bit")
  func roundTrips() throws {
    let model = filled()
    let file = try source(model.namedTensors(in: Self.names))
    #expect(file.tensors.map(\.name).contains("encoder.layer.1.dense.weight"))
    var other = SmallModel(value: 9)
    let report = try other.load(from: file, names: Self.names)
    #expect(bits(other) == bits(model))
    #expect(report.ignored.isEmpty && report.initial.isEmpty && report.warnings.isEmpty)
  }

  @Test("Everything that does not fit is told at once, and nothing is changed")
  func tellsEverything() throws {
    var tensors = try filled().namedTensors(in: Self.names)
    tensors.removeAll { $0.name == "encoder.layer.1.dense.weight" || $0.name == "model.scale" }
    tensors.append(("encoder.layer.1.dens.weight", .zeros([3, 2])))
    tensors.append(("something.else.entirely", .zeros([1])))
    tensors.append(("position_ids", .zeros([5])))
    for index in tensors.indices {
      switch tensors[index].name {
      case "model.mean": tensors[index].tensor = Tensor([1, -.infinity])
      case "model.norm.bias": tensors[index].tensor = Tensor([1, 2, 3])
      default: break
      }
    }
    var model = SmallModel(value: 9)
    let before = bits(model)
    let error = try #require(throws: ParameterLoadingError.self) {
      try model.load(from: try source(tensors), names: Self.names)
    }
    #expect(bits(model) == before)
    #expect(
      error.description == """
        model.safetensors does not fit the model
          missing      encoder.layer.1.dense.weight  [3, 2]
          missing      model.scale                   [1]
          unexpected   encoder.layer.1.dens.weight   did you mean 'encoder.layer.1.dense.weight'?
          unexpected   something.else.entirely
          wrong shape  model.norm.bias               expected [2], found [3]
          not finite   model.mean                    number 1 is -inf
        """)
    #expect(error.exitCode == .data)
  }

  @Test("A parameter that two tensors claim is told with both")
  func tellsRepeated() throws {
    let names = ParameterNameMap(
      [.rename("{name...}", "bert.{name...}")], optionalPrefix: "bert.")
    var tensors = try filled().namedTensors(in: names)
    tensors.append(("scale", Tensor([1])))
    var model = SmallModel()
    let error = try #require(throws: ParameterLoadingError.self) {
      try model.load(from: try source(tensors), names: names)
    }
    #expect(error.repeated.count == 1)
    #expect(error.description.contains("given twice"))
  }

  /// Both layers in one tensor, the last layer first.
  static let stackedNames = ParameterNameMap([
    .stack(["layers.1.{p}", "layers.0.{p}"], "fused.{p}"),
    .stack(["norm.weight", "mean"], "vectors"), .rename("{name...}", "{name...}"),
  ])

  @Test("Parameters that are stored one below the other are written and read bit by bit")
  func stacks() throws {
    let model = filled()
    let tensors = try model.namedTensors(in: Self.stackedNames)
    #expect(tensors.map(\.name).sorted() == ["fused.weight", "norm.bias", "scale", "vectors"])
    let fused = try #require(tensors.first { $0.name == "fused.weight" })
    #expect(fused.tensor.shape == [6, 2])
    #expect(
      fused.tensor.values == model.layers[1].weight.values.values
        + model.layers[0].weight.values.values)
    var other = SmallModel(value: 9)
    try other.load(from: try source(tensors), names: Self.stackedNames)
    #expect(bits(other) == bits(model))
  }

  @Test("A stack that is missing, misshapen or not finite is told once, as it is stored")
  func tellsStacks() throws {
    var tensors = try filled().namedTensors(in: Self.stackedNames)
    tensors.removeAll { $0.name == "fused.weight" }
    for index in tensors.indices where tensors[index].name == "vectors" {
      tensors[index].tensor = Tensor([1, 2, 3])
    }
    var model = SmallModel(value: 9)
    let error = try #require(throws: ParameterLoadingError.self) {
      try model.load(from: try source(tensors), names: Self.stackedNames)
    }
    #expect(
      error.description == """
        model.safetensors does not fit the model
          missing      fused.weight  [6, 2]
          wrong shape  vectors       expected [4], found [3]
        """)
    tensors.append(("fused.weight", Tensor([Float](repeating: .nan, count: 12), shape: [6, 2])))
    let second = try #require(throws: ParameterLoadingError.self) {
      try model.load(from: try source(tensors), names: Self.stackedNames)
    }
    #expect(second.nonFinite.map(\.name) == ["fused.weight"])
  }

  @Test("What is ignored, and what keeps its initial value, is reported")
  func reports() throws {
    var tensors = try filled().namedTensors(in: Self.names)
    tensors.removeAll { $0.name == "model.scale" }
    tensors.append(("position_ids", .zeros([5])))
    var model = SmallModel(value: 9)
    let report = try model.load(
      from: try source(tensors), names: Self.names, keepsInitial: { $0 == "scale" })
    #expect(report.ignored.map(\.reason) == ["positions are counted"])
    #expect(report.initial == ["scale"])
    #expect(model.scale?.values == [9])
  }

  @Test("Names that are canonically equal stay two names")
  func keepsCanonicallyEqualApart() throws {
    let names = ParameterNameMap([
      .rename("scale", "\u{e9}"), .rename("mean", "e\u{301}"),
      .rename("{name...}", "model.{name...}"),
    ])
    let file = try source(filled().namedTensors(in: names))
    var model = SmallModel()
    try model.load(from: file, names: names)
    #expect(bits(model) == bits(filled()))
  }

  @Test("A model in double precision loads and stays so")
  func loadsDoubles() throws {
    var model = SmallModel().converted(to: .float64)
    try model.load(from: try source(filled().namedTensors))
    #expect(model.mean.precision == .float64)
    #expect(model.mean.values == filled().mean.values)
  }

  @Test("A parameter without a rule is not dropped in silence")
  func refusesUnnamed() throws {
    let names = ParameterNameMap([.rename("layers.{i}.{p}", "l.{i}.{p}")])
    let error = try #require(throws: UnnamedParametersError.self) {
      try filled().namedTensors(in: names)
    }
    #expect(error.names == ["norm.weight", "norm.bias", "scale", "mean"])
  }

  @Test("Of hundreds of problems the message shows the first, the error holds all")
  func bounds() throws {
    let tensors = (0..<300).map { ("extra.\($0)", Tensor([1])) }
    var model = SmallModel()
    let error = try #require(throws: ParameterLoadingError.self) {
      try model.load(from: try source(tensors))
    }
    #expect(error.unexpected.count == 300)
    #expect(error.description.contains("and 260 more"))
    #expect(error.description.split(separator: "\n").count < 60)
  }
}
