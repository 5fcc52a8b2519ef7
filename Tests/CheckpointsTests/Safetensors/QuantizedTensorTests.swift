// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Matrices of 8-bit integers in safetensors files")
struct QuantizedTensorTests {
  static let rows = 131
  static let columns = 128

  /// The integer that the script behind the golden file puts there.
  static func integer(_ row: Int, _ column: Int) -> Int {
    column == 0 ? 127 : (row * 131 + column * 71) % 255 - 127
  }

  static func scale(_ row: Int) -> Float {
    (0..<5 + row % 7).reduce(1) { scale, _ in scale / 2 }
  }

  /// Exact in both forms: the largest magnitude of each row is 127 times a power of two.
  let matrix = Tensor(
    (0..<rows * columns).map {
      Float(integer($0 / columns, $0 % columns)) * scale($0 / columns)
    }, shape: [rows, columns])
  let bias = Tensor((0..<rows).map { Float($0) })

  private func golden() throws -> [UInt8] {
    try InputFile.bytes(of: Golden.path("Checkpoints/quantized.safetensors"))
  }

  private func file(_ tensors: [NamedTensor]) throws -> SafetensorsFile {
    try SafetensorsFile(
      bytes: SafetensorsWriter(tensors, storage: .int8).bytes(), name: "quantized")
  }

  @Test("They are written as the reference library writes the same integers and scales")
  func referenceBytes() throws {
    let tensors = [("layer.weight", matrix), ("layer.bias", bias)]
    #expect(try SafetensorsWriter(tensors, storage: .int8).bytes() == golden())
  }

  @Test("They are read as one tensor: integers with scales, or the numbers meant")
  func reads() throws {
    let file = try SafetensorsFile(bytes: golden(), name: "quantized")
    #expect(file.tensors.map(\.name) == ["layer.bias", "layer.weight"])
    #expect(file.tensors.map(\.isQuantized) == [false, true])
    let quantized = try file.quantized(named: "layer.weight")
    #expect(quantized.scales == (0..<Self.rows).map(Self.scale))
    #expect(quantized.integers.map(Int.init).prefix(9) == (0..<9).map { Self.integer(0, $0) }[...])
    #expect(try file.tensor(named: "layer.weight").values == matrix.values)
    #expect(throws: SafetensorsError.self) { try file.quantized(named: "layer.bias") }
  }

  @Test("Small matrices, vectors and what is no weight stay Float32")
  func keeps() throws {
    let small = Tensor(repeating: 0.3, shape: [100, 100])
    let file = try file([("a.weight", small), ("a.bias", bias), ("a.table", matrix)])
    #expect(file.tensors.allSatisfy { $0.elementType == .float32 })
    #expect(try file.tensor(named: "a.weight").values == small.values)
  }

  @Test("Written again, the integers stay the same")
  func idempotent() throws {
    let once = try file([("w.weight", .drawn([150, 130], seed: 3).converted(to: .float32))])
    let again = try file([("w.weight", once.tensor(named: "w.weight"))])
    #expect(
      try once.quantized(named: "w.weight").integers == again.quantized(named: "w.weight").integers)
  }

  @Test("Without fitting scales beside them they are plain integers")
  func strangers() throws {
    var bytes = try golden()
    let name = Array("layer.weight_scale".utf8)
    let place = try #require(bytes.firstRange(of: name))
    bytes.replaceSubrange(place, with: Array("layer.weight_scalf".utf8))
    let file = try SafetensorsFile(bytes: bytes, name: "odd")
    #expect(file.tensors.count == 3 && !file.tensors.contains { $0.isQuantized })
    #expect(try file.tensor(named: "layer.weight").values.first == 127)
  }

  @Test("A model is loaded packed as stored, as asked, or as numbers")
  func loads() throws {
    let file = try file([("map.weight", matrix), ("map.bias", bias)])
    var expected = TwoMaps()
    expected.map = Linear(weight: matrix, bias: bias)
    let states = Tensor.drawn([3, Self.columns], seed: 8).converted(to: .float32)
    for (packing, format) in [
      (WeightPacking.asStored, PackedMatrix.Format.int8), (.format(.float32), .float32),
      (.format(.int16), .int16),
    ] {
      var model = TwoMaps()
      try model.load(from: file, packing: packing)
      #expect(model.map.weight.format == format)
      #expect(relativeDistance(model.map(states).doubles, expected.map(states).doubles) < 0.02)
    }
    var model = TwoMaps()
    try model.load(from: file)
    #expect(!model.map.weight.isPacked && model.map.weight.values.values == matrix.values)
  }

  @Test("A scale that is no number is refused by name")
  func refusesScales() throws {
    var bytes = try golden()
    let start = bytes.count - Self.rows * Self.columns - 4 * Self.rows
    bytes.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F])
    let file = try SafetensorsFile(bytes: bytes, name: "odd")
    for packing in [WeightPacking.none, .asStored] {
      var model = Maps()
      #expect {
        try model.load(from: file, packing: packing)
      } throws: { error in
        (error as? ParameterLoadingError)?.nonFinite.first?.name.hasPrefix("layer.weight") == true
      }
    }
  }
}

private struct TwoMaps: Module {
  var map = Linear(
    input: QuantizedTensorTests.columns, output: QuantizedTensorTests.rows, key: .blank)

  mutating func visitParameters(_ visit: ParameterVisitor) { visit("map", &map) }
}

private struct Maps: Module {
  var layer = Linear(
    input: QuantizedTensorTests.columns, output: QuantizedTensorTests.rows, key: .blank)

  mutating func visitParameters(_ visit: ParameterVisitor) { visit("layer", &layer) }
}
