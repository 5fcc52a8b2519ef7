// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

extension Tensor {
  /// Numbers in -scale..<scale in double precision, drawn from `seed` as the golden scripts draw them.
  public static func drawn(_ shape: [Int], seed: UInt64, scale: Double = 1) -> Tensor {
    var generator = SplitMix(seed: seed)
    let values = (0..<shape.reduce(1, *)).map { _ in
      (Double(generator.next() >> 11) * 0x1p-52 - 1) * scale
    }
    return Tensor(doubles: values, shape: shape)
  }

  /// Returns one number that depends on every element, each in its own way.
  func spreadToOneNumber() -> Tensor {
    (self * .drawn(shape, seed: 0xC0).converted(to: precision)).sum()
  }
}

/// Named tensors as a module, so that operations and modules are checked by the same code.
public struct NamedTensors: Module {
  private var tensors: [String: Tensor]

  /// A module of the given parameters.
  public init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  /// The tensor of a name; a name that is missing is a mistake of the test.
  public subscript(name: String) -> Tensor {
    guard let tensor = tensors[name] else {
      preconditionFailure("no tensor '\(name)' among \(tensors.keys.sorted())")
    }
    return tensor
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    for name in tensors.keys.sorted() {
      guard var tensor = tensors.removeValue(forKey: name) else { continue }
      visit(name, &tensor)
      tensors[name] = tensor
    }
  }
}

/// A module and what it is applied to, so that the derivative of the input is checked too.
struct WithInput<Inner: Module>: Module {
  var inner: Inner
  var input: Tensor

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("inner", &inner)
    visit("input", &input)
  }
}
