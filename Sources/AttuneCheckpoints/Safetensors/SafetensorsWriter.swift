// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneTensors

/// A tensor under the name that a file gives it.
public typealias NamedTensor = (name: String, tensor: Tensor)

/// Writes safetensors files; equal tensors give equal bytes, whatever their order.
public struct SafetensorsWriter {
  /// One tensor of the file.
  private struct Entry {
    enum Content {
      case numbers(Tensor, WeightStorage)
      case integers([Int8])
    }

    let name: String
    let type: ElementType
    let shape: [Int]
    let content: Content

    var byteCount: Int { shape.reduce(1, *) * type.bitCount / 8 }

    init(_ name: String, _ tensor: Tensor, _ storage: WeightStorage) {
      (self.name, type, shape) = (name, storage.elementType, tensor.shape)
      content = .numbers(tensor, storage)
    }

    init(_ name: String, _ matrix: QuantizedMatrix) {
      (self.name, type) = (name, .int8)
      shape = [matrix.rowCount, matrix.columnCount]
      content = .integers(matrix.integers)
    }
  }

  private let entries: [Entry]

  /// Prepares to write the tensors, each under a name of its own.
  ///
  /// Stored in 8-bit integers, a matrix `weight` of some size has beside it a tensor `weight_scale` of a number for each row, which
  /// the integers of the row are to be multiplied with; all other tensors stay Float32.
  ///
  /// - Parameter whole: Names of tensors that stay Float32 in any storage: what was measured rather than learned cannot be rounded.
  public init(
    _ tensors: [NamedTensor], storage: WeightStorage = .float32,
    keepingWhole whole: Set<String> = []
  ) {
    var entries: [Entry] = []
    for (name, tensor) in tensors {
      let storage = whole.contains(name) ? .float32 : storage
      guard storage == .int8, name.hasSuffix("weight"), QuantizedMatrix.pays(tensor.shape) else {
        entries.append(Entry(name, tensor, storage == .int8 ? .float32 : storage))
        continue
      }
      let matrix = tensor.quantized ?? QuantizedMatrix(tensor)
      entries.append(Entry(name, matrix))
      entries.append(
        Entry(name + SafetensorsFile.scaleSuffix, Tensor(matrix.scales), .float32))
    }
    // The format wants wider types first, so that all numbers lie at multiples of their size.
    self.entries = entries.sorted {
      $0.type.bitCount != $1.type.bitCount
        ? $0.type.bitCount > $1.type.bitCount
        : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    precondition(
      Set(entries.map { ExactName($0.name) }).count == entries.count,
      "safetensors: a name is given twice")
  }

  /// Writes the file piece by piece.
  public func write(to sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    try header().withUnsafeBytes(sink)
    for entry in entries {
      switch entry.content {
      case .integers(let integers): try integers.withUnsafeBytes(sink)
      case .numbers(let tensor, let storage):
        try tensor.converted(to: .float32).withUnsafeBytes { bytes in
          try write(bytes, of: entry.name, as: storage, to: sink)
        }
      }
    }
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, of name: String, as storage: WeightStorage,
    to sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    switch storage {
    case .float32, .int8:
      guard 1.littleEndian != 1 else { return try sink(bytes) }
      try convert(bytes, sink) { (float, _) in float.bitPattern.littleEndian }
    case .float16: try convert(bytes, sink, half(name, storage, HalfPrecision.bits))
    case .bfloat16: try convert(bytes, sink, half(name, storage, HalfPrecision.brainBits))
    }
  }

  /// Rounds to two bytes; a number too large for them has none.
  private func half(
    _ name: String, _ storage: WeightStorage, _ rounded: @escaping (Float) -> UInt16
  ) -> (Float, Int) throws -> UInt16 {
    { float, index in
      let bits = rounded(float)
      guard float.isInfinite || bits & 0x7FFF != rounded(.infinity) else {
        throw WeightStorageError(tensor: name, index: index, value: float, storage: storage)
      }
      return bits.littleEndian
    }
  }

  /// Returns the whole file.
  public func bytes() throws -> [UInt8] {
    var result: [UInt8] = []
    try write { result.append(contentsOf: $0) }
    return result
  }

  private func header() throws -> [UInt8] {
    // Python's transformers refuses files that do not say for which framework they are.
    var members: [(String, JSONValue)] = [("__metadata__", ["format": "pt"])]
    var offset = 0
    for entry in entries {
      let end = offset + entry.byteCount
      members.append(
        (
          entry.name,
          [
            "dtype": .string(entry.type.rawValue),
            "shape": .array(entry.shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(end)],
          ]
        ))
      offset = end
    }
    var text = try JSONValue.object(JSONObject(members)).serialized()
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }

  private func convert<Stored>(
    _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void,
    _ value: (Float, Int) throws -> Stored
  ) throws {
    let floats = bytes.bindMemory(to: Float.self)
    for first in stride(from: 0, to: floats.count, by: 1 << 16) {
      let part = first..<min(first + 1 << 16, floats.count)
      let stored = try part.map { try value(floats[$0], $0) }
      try stored.withUnsafeBytes(sink)
    }
  }
}

/// A number that does not fit the storage asked for.
public struct WeightStorageError: AttuneError, Equatable {
  /// The name of the tensor.
  public let tensor: String
  /// The place of the number in it, row by row.
  public let index: Int
  /// The number.
  public let value: Float
  /// How it was to be stored.
  public let storage: WeightStorage

  /// A setting is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "tensor '\(tensor)': number \(index) is \(value), expected at most "
      + "\(storage == .float16 ? "65504" : "3.3895e38") for storage as \(storage); store as float32."
  }
}
