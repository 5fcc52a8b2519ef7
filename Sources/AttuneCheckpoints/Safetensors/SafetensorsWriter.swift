// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneTensors

/// A tensor under the name that a file gives it.
public typealias NamedTensor = (name: String, tensor: Tensor)

/// Writes safetensors files; equal tensors give equal bytes, whatever their order.
public struct SafetensorsWriter {
  private let tensors: [NamedTensor]
  private let storage: WeightStorage

  /// Prepares to write the tensors, each under a name of its own.
  public init(_ tensors: [NamedTensor], storage: WeightStorage = .float32) {
    // The format wants wider types first; here all are of one, so the names decide.
    self.tensors = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    self.storage = storage
    precondition(
      Set(tensors.map { ExactName($0.name) }).count == tensors.count,
      "safetensors: a name is given twice")
  }

  /// Writes the file piece by piece.
  public func write(to sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    try header().withUnsafeBytes(sink)
    for (name, tensor) in tensors {
      let floats = tensor.converted(to: .float32)
      try floats.withUnsafeBytes { bytes in
        switch storage {
        case .float32 where 1.littleEndian == 1: try sink(bytes)
        case .float32:
          try convert(bytes, sink) { (float, _) in float.bitPattern.littleEndian }
        case .float16: try convert(bytes, sink, half(name, HalfPrecision.bits))
        case .bfloat16: try convert(bytes, sink, half(name, HalfPrecision.brainBits))
        }
      }
    }
  }

  /// Rounds to two bytes; a number too large for them has none.
  private func half(
    _ name: String, _ rounded: @escaping (Float) -> UInt16
  ) -> (Float, Int) throws -> UInt16 {
    { [storage] float, index in
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
    let type = storage.elementType
    // Python's transformers refuses files that do not say for which framework they are.
    var members: [(String, JSONValue)] = [("__metadata__", ["format": "pt"])]
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * type.bitCount / 8
      members.append(
        (
          name,
          [
            "dtype": .string(type.rawValue),
            "shape": .array(tensor.shape.map { .integer($0) }),
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
