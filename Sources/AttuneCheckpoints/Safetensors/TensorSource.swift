// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// What a file says about one of its tensors.
public struct StoredTensor: Sendable, Equatable {
  /// The name, unescaped; never used as a path.
  public let name: String
  /// How its numbers are encoded.
  public let elementType: ElementType
  /// Length of each axis; empty for a single number.
  public let shape: [Int]
  /// Whether its numbers are 8-bit integers with a scale for each row.
  public internal(set) var isQuantized = false

  /// Whether the numbers are such as weights are made of.
  public var isWeight: Bool { elementType.isFloat || isQuantized }

  /// Returns what the file would say if it cut the same numbers into other axes.
  public func reshaped(_ shape: [Int]) -> StoredTensor {
    StoredTensor(name: name, elementType: elementType, shape: shape, isQuantized: isQuantized)
  }
}

/// Named tensors that are read one by one: a file, or several that belong together.
public protocol TensorSource: Sendable {
  /// The path, for messages.
  var path: String { get }
  /// All tensors, in the order of the data.
  var tensors: [StoredTensor] { get }
  /// What is odd about the file without making it unusable.
  var warnings: [String] { get }
  /// Reads one tensor as Float32.
  func tensor(named name: String) throws -> Tensor
  /// Reads a tensor that is stored in 8-bit integers with a scale for each row.
  func quantized(named name: String) throws -> QuantizedMatrix
}

extension TensorSource {
  /// The nearest integers; sources that hold integers return those.
  public func quantized(named name: String) throws -> QuantizedMatrix {
    QuantizedMatrix(try tensor(named: name))
  }
}

/// A name compared by its UTF-8 bytes; Swift's strings merge canonically equal ones.
struct ExactName: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: ExactName, right: ExactName) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
