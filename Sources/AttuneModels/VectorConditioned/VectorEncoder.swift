// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Turns a vector into a few positions that a decoder can attend to (Mokady, Hertz and Bermano 2021, section 3.2).
public struct VectorEncoder: SequenceEncoder {
  /// [positionCount * modelDimension, vectorDimension]
  public var projection: Linear
  public var norm: LayerNorm
  /// Positions that each vector becomes.
  public let positionCount: Int

  /// An encoder of vectors of `vectorDimension` numbers.
  public init(
    vectorDimension: Int, positionCount: Int, modelDimension: Int, epsilon: Float, key: RandomKey
  ) {
    projection = Linear(
      input: vectorDimension, output: positionCount * modelDimension, key: key)
    norm = LayerNorm(dimension: modelDimension, epsilon: epsilon)
    self.positionCount = positionCount
  }

  /// [vectors, vectorDimension] -> positionCount states a vector
  public func encode(_ vectors: Tensor, mode: Mode) -> PackedStates {
    let count = vectors.rowCount
    let projected = projection(vectors)
    let states = projected.reshaped([
      count * positionCount, projected.columnCount / positionCount,
    ])
    let lengths = [Int](repeating: positionCount, count: count)
    return PackedStates(states: norm(states), layout: SequenceLayout(lengths: lengths))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("projection", &projection)
    visit("norm", &norm)
  }
}
