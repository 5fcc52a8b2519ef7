// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A transformer in which a few learned constants gather what a decoder needs of a vector (Mokady, Hertz and Bermano 2021,
/// section 3.2): the states of the constants are what it returns.
public struct VectorMapping: Module {
  /// Stand behind each item.  [constants, modelDimension]
  public var constants: Tensor
  public var layers: [TransformerEncoderLayer]
  /// Of the last states, when the layers have their norms in front.
  public var finalNorm: LayerNorm?

  /// Constants and layers drawn from `key`.
  public init(
    _ settings: TransformerLayerSettings, constantCount: Int, layerCount: Int, key: RandomKey
  ) {
    constants = .truncatedNormal(
      [constantCount, settings.modelDimension], standardDeviation: 1, key: key.place(0))
    layers = (0..<layerCount).map {
      TransformerEncoderLayer(settings, key: key.place(1).place(UInt64($0)))
    }
    finalNorm = settings.finalNorm
  }

  /// Any number of states an item -> one a constant
  public func callAsFunction(_ items: PackedStates, mode: Mode) -> PackedStates {
    let (layout, count) = (items.layout, constants.rowCount)
    let total = Int32(layout.tokenCount)
    var order: [Int32] = []
    var ends: [Int32] = []
    for item in 0..<layout.count {
      order += layout.rows(of: item).map { Int32($0) }
      ends += (0..<count).map { Int32(order.count + $0) }
      order += (0..<count).map { total + Int32($0) }
    }
    var states = Tensor.concatenatingRows([items.states, constants]).rows(order)
    let extended = SequenceLayout(lengths: layout.lengths.map { $0 + count })
    for layer in layers { states = layer(states, layout: extended, mode: mode) }
    let gathered = states.rows(ends)
    return PackedStates(
      states: finalNorm.map { $0(gathered) } ?? gathered,
      layout: SequenceLayout(lengths: layout.lengths.map { _ in count }))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("constants", &constants)
    visit("layers", &layers)
    visit("finalNorm", &finalNorm)
  }
}
