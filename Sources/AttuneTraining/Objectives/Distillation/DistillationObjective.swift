// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneSystem
internal import AttuneTensors

/// How much each part of what a student learns counts.
public struct DistillationWeights: Sendable, Hashable {
  /// What the logits of teacher and student are divided by before they become probabilities: the higher, the more the teacher's
  /// ranking of wrong labels counts.
  public var temperature: Double
  /// Share of the labels in what a labelled text is told, from 0 to 1; the teacher has the rest.
  public var labelShare: Double
  /// Factor of the distance of states.
  public var hidden: Double

  /// The given weights.
  public init(temperature: Double = 2, labelShare: Double = 0.5, hidden: Double = 1) {
    (self.temperature, self.labelShare, self.hidden) = (temperature, labelShare, hidden)
  }
}

/// What a student should say of each text: what its teacher says, and the label (Hinton, Vinyals and Dean 2015).
///
/// States are compared by their direction: the squared distance of states of length 1, which is twice 1 - cosine (as in Sanh et al.
/// 2019). Those of the student pass a map first, which is learned (as in Romero et al. 2015 and Jiao et al. 2020).
public struct DistillationObjective<Encoder: LayeredEncoder<TokenBatch>>: Objective {
  /// How outputs and labels are compared.
  public let comparison: ClassificationLoss
  /// What counts how much.
  public let weights: DistillationWeights
  /// Hides words from the student while it learns; the teacher has seen them. nil: none.
  public let tokenDropout: TokenDropout?
  /// The encoder whose layers are compared with the student's, which reads the same tokens; nil: lessons have features, or nothing
  /// is compared.
  public let teacher: Encoder?

  /// An objective of the given parts.
  public init(
    _ comparison: ClassificationLoss, weights: DistillationWeights,
    tokenDropout: TokenDropout? = nil, teacher: Encoder? = nil
  ) {
    self.comparison = comparison
    self.weights = weights
    self.tokenDropout = tokenDropout
    self.teacher = teacher
  }

  /// Tokens of the text.
  public func tokenCount(of example: DistillationExample) -> Int {
    example.text.windows[0].ids.count
  }

  /// The loss over the examples.
  public func loss(
    of model: DistilledClassifier<Encoder>, on examples: [DistillationExample], mode: Mode
  ) -> WeightedLoss {
    let windows = TokenBatch(examples.map(\.text), mode)
    let batch = tokenDropout?.applied(to: windows, mode) ?? windows
    let student = model.student
    let states = student.encoder.layerStates(batch, mode: mode)
    let features = student.head.features(student.pooling(states[states.count - 1]), mode: mode)
    let logits = student.head.classifier(student.head.dropout(features, mode: mode))
    var sum = taught(logits, examples).scaled(by: 1 - weights.labelShare)
    if let labelled = labelled(logits, examples) {
      sum = sum + labelled.scaled(by: weights.labelShare)
    }
    if weights.hidden > 0, !model.projections.isEmpty {
      let distance =
        teacher.map { layerDistance(model, states, $0.layerStates(windows, mode: .inference)) }
        ?? featureDistance(model, features, examples)
      sum = sum + distance.scaled(by: weights.hidden)
    }
    return WeightedLoss(sum: sum, weight: Double(examples.count))
  }

  /// The loss of the labels of those texts that have one; nil: none has.
  private func labelled(_ logits: Tensor, _ examples: [DistillationExample]) -> Tensor? {
    let rows = examples.indices.filter { examples[$0].isLabelled }
    guard !rows.isEmpty, weights.labelShare > 0 else { return nil }
    let own = rows.count == examples.count ? logits : logits.rows(rows.map { Int32($0) })
    let loss = comparison.of(own, rows.map { examples[$0].text })
    return loss.weight > 0 ? loss.sum.scaled(by: Double(rows.count) / loss.weight) : nil
  }

  /// The cross-entropy with what the teacher says. Its derivatives shrink with the squared temperature, which makes up for it.
  private func taught(_ logits: Tensor, _ examples: [DistillationExample]) -> Tensor {
    let (columns, temperature) = (logits.columnCount, weights.temperature)
    func table(_ rows: [[Double]]) -> Tensor {
      Tensor(doubles: rows.flatMap { $0 }, shape: [rows.count, columns])
        .converted(to: logits.precision)
    }
    let taught = examples.map { $0.lesson.logits.map { Double($0) } }
    let soft = logits.scaled(by: 1 / temperature)
    let scale = temperature * temperature
    switch comparison {
    case .singleLabel, .ordinal:
      let distributions = taught.map { Self.softmax($0.map { $0 / temperature }) }
      return soft.crossEntropy(distributions: table(distributions)).scaled(by: scale)
    case .multiLabel:
      let shares = taught.map { $0.map { 1 / (1 + exp(-$0 / temperature)) } }
      return soft.binaryCrossEntropy(table(shares)).scaled(by: scale / Double(columns))
    case .regression(let numbers):
      return logits.squaredError(table(taught.map { $0.map(numbers.standard) }))
    }
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let highest = logits.max() ?? 0
    let powers = logits.map { exp($0 - highest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// Sum over the texts of the distances of what labels are told by.
  private func featureDistance(
    _ model: DistilledClassifier<Encoder>, _ features: Tensor, _ examples: [DistillationExample]
  ) -> Tensor {
    let taught = examples.map { $0.lesson.features ?? [] }
    let target = Tensor(taught.flatMap { $0 }, shape: [taught.count, taught[0].count])
      .converted(to: features.precision)
    return model.projections[0](features).directionDistance(to: target)
  }

  /// Mean over the tokens and the layers of the distances of states, times the count of texts.
  private func layerDistance(
    _ model: DistilledClassifier<Encoder>, _ states: [PackedStates], _ taught: [PackedStates]
  ) -> Tensor {
    let tokens = Double(max(states[0].layout.tokenCount, 1))
    let share = Double(states[0].layout.count) / (tokens * Double(states.count))
    let distances = states.indices.map { layer in
      let partner = LayerChoice.layer(of: layer, among: states.count, in: taught.count)
      return model.projections[layer](states[layer].states)
        .directionDistance(to: taught[partner].states)
    }
    return distances.dropFirst().reduce(distances[0], +).scaled(by: share)
  }
}

/// Which of many layers stand for fewer: evenly spread, the last one among them.
public enum LayerChoice {
  /// The layer of a deep net that belongs to layer `index` of one with `count` layers; both count from 0.
  public static func layer(of index: Int, among count: Int, in depth: Int) -> Int {
    max(0, ((index + 1) * depth + count / 2) / count - 1)
  }
}

extension Tensor {
  /// The sum over the rows of the squared distances of the rows scaled to length 1.  [rows, dimension] -> a single number
  fileprivate func directionDistance(to target: Tensor) -> Tensor {
    let difference = rowsNormalized() - target.rowsNormalized()
    return (difference * difference).sum()
  }
}
