// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Turns the vectors of an item into the positions that a decoder attends to.
///
/// Each vector is scaled and projected to a few positions. Those are the memory, or a small transformer makes one of them.
public struct VectorEncoder: SequenceEncoder {
  /// Of the columns, where `scaling` asks for it.
  public var standardization: VectorStandardization?
  /// [positionsPerVector * modelDimension, vectorDimension]
  public var projection: Linear
  public var norm: LayerNorm
  /// Nil: the projected positions are the memory.
  public var mapping: VectorMapping?
  /// What is done to vectors first.
  public let scaling: VectorScaling
  /// What an item is.
  public let form: VectorForm
  /// Positions that each vector is projected to.
  public let positionsPerVector: Int
  /// Dropout of the scaled vectors.
  public let dropout: Dropout

  /// An encoder for a decoder with the given layers, drawn from `key`.
  public init(
    _ settings: VectorEncoderSettings, for decoder: TransformerLayerSettings, key: RandomKey
  ) {
    standardization =
      settings.scaling.isFitted
      ? VectorStandardization(dimension: settings.dimension) : nil
    projection = Linear(
      input: settings.dimension, output: settings.positionsPerVector * decoder.modelDimension,
      key: key.place(0))
    norm = LayerNorm(dimension: decoder.modelDimension, epsilon: decoder.epsilon)
    mapping = settings.mapping.map {
      VectorMapping(
        $0.layer(for: decoder), constantCount: $0.constantCount, layerCount: $0.layerCount,
        key: key.place(1))
    }
    (scaling, form) = (settings.scaling, settings.form)
    positionsPerVector = settings.positionsPerVector
    dropout = Dropout(settings.dropout)
  }

  /// Measures what `scaling` needs to know of the training vectors, which stand one after the other.
  public mutating func fit(to values: [Float]) {
    guard scaling.isFitted else { return }
    standardization = VectorStandardization(
      fitting: values, dimension: vectorDimension, sharesDeviation: scaling == .centered)
  }

  /// Columns of a vector.
  public var vectorDimension: Int { projection.weight.inputCount }

  /// vectors of each item, [vectors, vectorDimension] -> positions of each item
  public func encode(_ items: PackedStates, mode: Mode) -> PackedStates {
    let vectors = dropout(scaled(items.states), mode: mode)
    let dimension = norm.weight.count
    let positions = norm(
      projection(vectors).reshaped([items.layout.tokenCount * positionsPerVector, dimension]))
    let layout = SequenceLayout(lengths: items.layout.lengths.map { $0 * positionsPerVector })
    let memory = PackedStates(
      states: form == .sequence ? marked(positions, layout) : positions, layout: layout)
    return mapping.map { $0(memory, mode: mode) } ?? memory
  }

  private func scaled(_ vectors: Tensor) -> Tensor {
    switch scaling {
    case .none: vectors
    case .unit: vectors.rowsNormalized()
    case .standard, .centered: standardization.map { $0(vectors) } ?? vectors
    }
  }

  /// Adds the waves of the place of each vector in its item: attention does not see an order.
  private func marked(_ positions: Tensor, _ layout: SequenceLayout) -> Tensor {
    let places = layout.positions().map { $0 / Int32(positionsPerVector) }
    guard let last = places.max() else { return positions }
    let waves = SinusoidalPositions.kept(
      count: Int(last) + 1, dimension: positions.columnCount, order: .halves,
      precision: positions.precision)
    return positions + waves.rows(places)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("standardization", &standardization)
    visit("projection", &projection)
    visit("norm", &norm)
    visit("mapping", &mapping)
  }
}
