// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

/// A classifier's last layer, fitted to fixed vectors by logistic regression.
///
/// The search runs in double precision to its end, so the layer is a function of the vectors and nothing else.
enum LogisticLayer {
  /// Weight of the loss against half the squared norm of the parameters, for vectors of mean length 1.
  static let strength = 1.0

  /// Returns the layer that tells the labels of the rows best.
  ///
  /// - Parameters:
  ///   - vectors: [examples, dimension]
  ///   - rowWeights: How much each example counts.
  static func fitted(
    to vectors: Tensor, labels: [Int], labelCount: Int, rowWeights: [Double]
  ) -> Linear {
    let dimension = vectors.columnCount
    let values = vectors.values
    let scale = meanLength(values, dimension)
    let loss = LinearLoss(
      rows: rows(values.map { $0 / Float(scale) }, dimension), termCount: dimension,
      targets: .labels(labels, count: labelCount), rowWeights: rowWeights, strength: strength)
    var search = LimitedMemoryBFGS()
    (search.maximumIterations, search.tolerance) = (1_000, 1e-9)
    let found = search.minimum(
      from: [Double](repeating: 0, count: loss.parameterCount), loss.evaluate)
    return layer(found, scale: scale, labelCount: labelCount, dimension: dimension)
  }

  /// The penalty must mean the same for encoders whose vectors are long and those whose vectors are short.
  private static func meanLength(_ values: [Float], _ dimension: Int) -> Double {
    let count = values.count / dimension
    let lengths = (0..<count).map { row in
      values[row * dimension..<(row + 1) * dimension]
        .reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    let mean = lengths.reduce(0, +) / Double(max(count, 1))
    return mean > 0 && mean.isFinite ? mean : 1
  }

  private static func rows(_ values: [Float], _ dimension: Int) -> TermVectors {
    var rows = TermVectors()
    for start in stride(from: 0, to: values.count, by: dimension) {
      rows.append((0..<dimension).map { (term: Int32($0), weight: values[start + $0]) })
    }
    return rows
  }

  /// - Parameter found: Of each column of the vectors a number for each score, then the offsets; two labels have one score.
  private static func layer(
    _ found: [Double], scale: Double, labelCount: Int, dimension: Int
  ) -> Linear {
    let width = found.count / (dimension + 1)
    func share(_ label: Int, _ place: Int) -> Double {
      guard width == 1, labelCount == 2 else { return found[place * width + label] }
      // The one score, halved between the two labels.
      return (label == 1 ? 0.5 : -0.5) * found[place]
    }
    let weights = (0..<labelCount).flatMap { label in
      (0..<dimension).map { Float(share(label, $0) / scale) }
    }
    let bias = (0..<labelCount).map { Float(share($0, dimension)) }
    return Linear(
      weight: Tensor(weights, shape: [labelCount, dimension]),
      bias: Tensor(bias, shape: [labelCount]))
  }
}
