// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
public import AttuneTensors

/// A safetensors file whose table of contents was checked whole; tensors are read when asked for.
///
/// Nothing is allocated on the word of the file: a tensor has the bytes that its shape needs, every
/// byte belongs to one tensor, and a Float32 copy has at most four times the size of the file.
/// Beyond what the format's reference refuses, these are refused: names or metadata keys given
/// twice, white space before the header, headers over 16 MiB, more than 8 axes, sizes that overflow
/// before a zero, and Booleans other than 0 and 1.
public struct SafetensorsFile: TensorSource {
  /// The path, or what the bytes in memory are called.
  public let path: String
  private let backing: RandomAccessBytes
  private let header: SafetensorsHeader
  private let places: [ExactName: Int]
  /// Places of the scales of those tensors that are quantized, by place.
  private let scalePlaces: [Int: Int]

  /// Opens a file and checks its table of contents.
  public init(_ path: String) throws {
    let file = try RandomAccessFile(path)
    try self.init(.file(file), size: file.size, path: path)
  }

  /// Opens a file that is in memory already.
  public init(bytes: [UInt8], name: String) throws {
    try self.init(.memory(bytes), size: bytes.count, path: name)
  }

  /// Opens a file of a folder.
  init(_ name: String, in folder: FileFolder) throws {
    let contents = try folder.contents(of: name)
    try self.init(contents, size: contents.size, path: folder.path(of: name))
  }

  private init(_ backing: RandomAccessBytes, size: Int, path: String) throws {
    guard size >= 10 else { throw SafetensorsError(file: path, .tooShort(size: size)) }
    let announced = try backing.bytes(in: 0..<8).reversed().reduce(UInt64(0)) {
      $0 << 8 | UInt64($1)
    }
    let length = try SafetensorsHeader.length(announced: announced, fileSize: size, file: path)
    header = try SafetensorsHeader(
      backing.bytes(in: 8..<8 + length), fileSize: size, file: path)
    self.path = path
    self.backing = backing
    places = Dictionary(
      uniqueKeysWithValues: header.entries.enumerated().map {
        (ExactName($0.element.tensor.name), $0.offset)
      })
    scalePlaces = Self.scalePlaces(header.entries.map(\.tensor), places)
  }

  /// What the name of a quantized tensor's scales ends with.
  static let scaleSuffix = "_scale"

  /// Integers of 8 bits are quantized where their rows have scales, in a tensor of their name with the suffix.
  private static func scalePlaces(
    _ tensors: [StoredTensor], _ places: [ExactName: Int]
  ) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (place, tensor) in tensors.enumerated()
    where tensor.elementType == .int8 && tensor.shape.count == 2 {
      guard let scale = places[ExactName(tensor.name + scaleSuffix)] else { continue }
      let rows = tensor.shape[0]
      if tensors[scale].elementType.isFloat, [[rows], [rows, 1]].contains(tensors[scale].shape) {
        result[place] = scale
      }
    }
    return result
  }

  /// All tensors, in the order of the data; scales of quantized ones are part of those.
  public var tensors: [StoredTensor] {
    let scales = Set(scalePlaces.values)
    return header.entries.enumerated().filter { !scales.contains($0.offset) }.map { place, entry in
      var tensor = entry.tensor
      tensor.isQuantized = scalePlaces[place] != nil
      return tensor
    }
  }

  /// All tensors, scales among them.
  var storedTensors: [StoredTensor] { header.entries.map(\.tensor) }

  /// What is odd about the file without making it unusable.
  public var warnings: [String] { header.warnings }

  /// The text that the writer of the file put under `key`, as `pt` under `format`.
  public func metadata(_ key: String) -> String? { header.metadata[key]?.stringValue }

  /// Reads one tensor as Float32.
  ///
  /// Float64 is rounded; integers that a Float32 cannot keep, and types without a sensible Float32
  /// value, are refused.
  public func tensor(named name: String) throws -> Tensor {
    let entry = try entry(named: name)
    guard places[ExactName(name)].flatMap({ scalePlaces[$0] }) == nil else {
      return try quantized(named: name).values
    }
    guard entry.tensor.elementType.isReadable else {
      throw SafetensorsError(
        file: path, .unreadable(tensor: name, entry.tensor.elementType))
    }
    return try Tensor(shape: entry.tensor.shape) { floats in
      if let base = floats.baseAddress { try read(entry, into: base) }
    }
  }

  /// Reads a tensor that is stored in 8-bit integers with a scale for each row.
  public func quantized(named name: String) throws -> QuantizedMatrix {
    let entry = try entry(named: name)
    guard let scale = places[ExactName(name)].flatMap({ scalePlaces[$0] }) else {
      throw SafetensorsError(file: path, .noTensor(name + Self.scaleSuffix, nearest: nil))
    }
    let integers = try [Int8](unsafeUninitializedCapacity: entry.bytes.count) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer)
      guard try backing.read(into: target, at: entry.bytes.lowerBound) == target.count else {
        throw cut(entry)
      }
      count = target.count
    }
    return QuantizedMatrix(
      rowCount: entry.tensor.shape[0], columnCount: entry.tensor.shape[1], integers: integers,
      scales: try tensor(named: header.entries[scale].tensor.name).values)
  }

  /// Reads the stored bytes of one tensor.
  public func bytes(named name: String) throws -> [UInt8] {
    let entry = try entry(named: name)
    let bytes = try backing.bytes(in: entry.bytes)
    guard bytes.count == entry.bytes.count else { throw cut(entry) }
    return bytes
  }

  private func entry(named name: String) throws -> SafetensorsHeader.Entry {
    guard let place = places[ExactName(name)] else {
      let nearest = EditDistance.nearest(to: name, in: header.entries.lazy.map(\.tensor.name))
      throw SafetensorsError(file: path, .noTensor(name, nearest: nearest))
    }
    return header.entries[place]
  }

  private func cut(_ entry: SafetensorsHeader.Entry) -> SafetensorsError {
    SafetensorsError(file: path, .cut(tensor: entry.tensor.name))
  }

  private func read(
    _ entry: SafetensorsHeader.Entry, into floats: UnsafeMutablePointer<Float>
  ) throws {
    let (type, width) = (entry.tensor.elementType, entry.tensor.elementType.bitCount / 8)
    let count = entry.bytes.count / width
    // Float32 needs no conversion, so it is read into its place, on little-endian machines.
    if type == .float32, 1.littleEndian == 1 {
      let target = UnsafeMutableRawBufferPointer(start: floats, count: entry.bytes.count)
      guard try backing.read(into: target, at: entry.bytes.lowerBound) == target.count else {
        throw cut(entry)
      }
      return
    }
    let piece = 1 << 16
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(count, piece) * width, alignment: 8)
    defer { scratch.deallocate() }
    for first in stride(from: 0, to: count, by: piece) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: scratch[..<(min(piece, count - first) * width)])
      guard try backing.read(into: part, at: entry.bytes.lowerBound + first * width) == part.count
      else { throw cut(entry) }
      if let index = ElementConversion.read(
        UnsafeRawBufferPointer(part), as: type, into: floats + first)
      {
        throw SafetensorsError(
          file: path, .element(tensor: entry.tensor.name, index: first + index, type))
      }
    }
  }
}
