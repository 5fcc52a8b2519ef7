// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneSystem
internal import AttuneTensors

/// How outputs are compared with what they should say; each loss is a mean over the examples.
public enum ClassificationLoss: Sendable, Equatable {
  /// Cross-entropy of the one label, a share `smoothing` of it spread evenly over all labels; weights go by label.
  case singleLabel(smoothing: Float = 0, classWeights: [Float]? = nil)
  /// Cross-entropy with targets that give near labels a part; weights go by label.
  case ordinal(OrdinalTargets, classWeights: [Float]? = nil)
  /// Binary cross-entropy of each label, its mean over the labels.
  case multiLabel
  /// Squared distance between the one output and the number, which is first moved and scaled as `scale` says.
  case regression(NumberScale)

  /// Returns the loss of one row of logits for each example.
  func of(_ logits: Tensor, _ examples: [ClassificationExample]) -> WeightedLoss {
    let (columns, precision) = (logits.columnCount, logits.precision)
    func table(_ rows: [Double]) -> Tensor {
      Tensor(doubles: rows, shape: [examples.count, columns]).converted(to: precision)
    }
    func rowWeights(_ classWeights: [Float]?) -> [Float]? {
      classWeights.map { weights in examples.map { weights[$0.label] } }
    }
    func weighted(_ sum: Tensor, _ weights: [Float]?) -> WeightedLoss {
      WeightedLoss(
        sum: sum,
        weight: weights.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(examples.count))
    }
    switch self {
    case .singleLabel(let smoothing, let classWeights):
      let weights = rowWeights(classWeights)
      let targets = CrossEntropyTargets(
        examples.map { Int32($0.label) }, labelSmoothing: smoothing, weights: weights)
      return weighted(logits.crossEntropy(targets), weights)
    case .ordinal(let targets, let classWeights):
      let weights = rowWeights(classWeights)
      let distributions = table(examples.flatMap { targets.distributions[$0.label] })
      return weighted(logits.crossEntropy(distributions: distributions, weights: weights), weights)
    case .multiLabel:
      let targets = table(examples.flatMap { $0.labels.map { $0 ? 1 : 0 } })
      return weighted(logits.binaryCrossEntropy(targets).scaled(by: 1 / Double(columns)), nil)
    case .regression(let scale):
      return weighted(logits.squaredError(table(examples.map { scale.standard($0.number) })), nil)
    }
  }
}

/// Soft targets of ordered labels (SORD; Díaz and Marathe 2019, equation 1): the softmax of minus the squared number of steps to
/// the true label. Being one label off costs little, being far off costs much.
public struct OrdinalTargets: Sendable, Equatable {
  /// What an example of each label is compared with.
  public let distributions: [[Double]]

  /// The targets of so many labels.
  ///
  /// - Parameter sharpness: Factor of the squared steps; the larger, the less the neighbours get.
  public init(labelCount: Int, sharpness: Double = 1) {
    distributions = (0..<labelCount).map { truth in
      let powers = (0..<labelCount).map { label in
        exp(-sharpness * Double((label - truth) * (label - truth)))
      }
      let total = powers.reduce(0, +)
      return powers.map { $0 / total }
    }
  }
}

/// Where numbers lie and how far they spread: a head learns best what has mean 0 and deviation 1.
public struct NumberScale: Sendable, Hashable {
  /// Mean of the numbers.
  public let mean: Double
  /// Standard deviation of the numbers; 1 when they are all equal.
  public let deviation: Double

  /// The scale of some numbers; without any, numbers stay as they are.
  public init(of numbers: [Double]) {
    let count = Double(max(numbers.count, 1))
    let mean = numbers.reduce(0) { $0 + $1 / count }
    let deviation = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / count }.squareRoot()
    (self.mean, self.deviation) = (mean, deviation > 0 && deviation.isFinite ? deviation : 1)
  }

  /// A number as the head learns it.
  public func standard(_ number: Double) -> Double { (number - mean) / deviation }
}

extension ClassificationHead {
  /// Returns the head with its output in the units of `scale`, so that it says the numbers themselves.
  public func unstandardized(by scale: NumberScale) -> ClassificationHead {
    mapped { weight in
      weight * scale.deviation
    } bias: {
      $0 * scale.deviation + scale.mean
    }
  }

  /// Returns the head, which says numbers, with outputs as `scale` makes them standard.
  public func standardized(by scale: NumberScale) -> ClassificationHead {
    mapped { weight in
      weight / scale.deviation
    } bias: {
      scale.standard($0)
    }
  }

  private func mapped(
    _ weight: (Double) -> Double, bias: (Double) -> Double
  ) -> ClassificationHead {
    var head = self
    let (precision, shape) = (classifier.weight.values.precision, classifier.weight.values.shape)
    let offsets =
      classifier.bias?.doubles ?? [Double](repeating: 0, count: classifier.outputDimension)
    head.classifier = Linear(
      weight: Tensor(doubles: classifier.weight.values.doubles.map(weight), shape: shape)
        .converted(to: precision),
      bias: Tensor(doubles: offsets.map(bias), shape: [offsets.count]).converted(to: precision))
    return head
  }
}
