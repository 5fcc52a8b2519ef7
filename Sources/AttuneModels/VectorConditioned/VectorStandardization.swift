// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What is done to vectors before a model sees them; a part of the model, so that training and use cannot differ.
public enum VectorScaling: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing.
  case none
  /// Each vector is divided by its length, so that its direction alone counts.
  case unit
  /// Each column gets the mean 0 and the deviation 1 in the training vectors.
  case standard
  /// Each column gets the mean 0 in the training vectors, and all share one scale: distances keep their proportions, as those
  /// of principal components should.
  case centered

  /// Whether it is measured on the training vectors.
  var isFitted: Bool { self == .standard || self == .centered }
}

/// Scales columns by what was measured on the training vectors.
public struct VectorStandardization: Module {
  /// Variances of smaller deviations are no normal numbers any more.
  static let least: Float = 1e-18

  /// [dimension]
  public var mean: Tensor
  /// At least `least`.  [dimension]
  public var deviation: Tensor

  /// Leaves columns as they are until it is fitted or loaded.
  public init(dimension: Int) {
    mean = .zeros([dimension])
    deviation = Tensor(repeating: 1, shape: [dimension])
  }

  /// Measures the columns of vectors that stand one after the other. A column in which hardly anything differs is shifted, not scaled.
  ///
  /// - Parameter sharesDeviation: Whether all columns are divided by one deviation, the root of their mean variance.
  public init(fitting values: [Float], dimension: Int, sharesDeviation: Bool = false) {
    precondition(
      dimension > 0 && !values.isEmpty && values.count.isMultiple(of: dimension),
      "\(values.count) numbers are no vectors of \(dimension)")
    let count = Double(values.count / dimension)
    var means = [Double](repeating: 0, count: dimension)
    Self.forEachRow(of: values, dimension) { column, value in means[column] += value / count }
    var squares = [Double](repeating: 0, count: dimension)
    Self.forEachRow(of: values, dimension) { column, value in
      squares[column] += (value - means[column]) * (value - means[column]) / count
    }
    if sharesDeviation {
      let shared = squares.reduce(0, +) / Double(dimension)
      squares = squares.map { _ in shared }
    }
    let deviations = zip(means, squares).map { mean, square in
      let deviation = square.squareRoot()
      // Rounding alone would be blown up to a deviation of 1.
      return deviation > max(1e-6 * abs(mean), Double(Self.least)) ? deviation : 1
    }
    mean = Tensor(means.map { Float($0) })
    deviation = Tensor(deviations.map { Float($0) })
  }

  private static func forEachRow(
    of values: [Float], _ dimension: Int, _ body: (_ column: Int, _ value: Double) -> Void
  ) {
    values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: dimension) {
        for column in 0..<dimension { body(column, Double(values[start + column])) }
      }
    }
  }

  /// [vectors, dimension] -> [vectors, dimension]
  public func callAsFunction(_ vectors: Tensor) -> Tensor {
    vectors.normalized(
      mean: mean.detached(), variance: (deviation * deviation).detached(),
      weight: Tensor(repeating: 1, shape: mean.shape, precision: mean.precision),
      bias: .zeros(mean.shape, precision: mean.precision), epsilon: 0)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit.buffer("mean", &mean)
    visit.buffer("deviation", &deviation)
  }
}
