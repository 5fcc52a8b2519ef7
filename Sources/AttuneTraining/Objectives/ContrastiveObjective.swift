// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// A text and those that carry its label, one of which is drawn in each step to stand beside it.
public struct ContrastiveExample: Sendable, Equatable {
  /// The text itself.
  public let anchor: ClassificationExample
  /// The other texts of its label; none where it is the only one.
  public let partners: [ClassificationExample]

  /// A text with the given partners, all of which carry its label.
  public init(anchor: ClassificationExample, partners: [ClassificationExample]) {
    precondition(
      partners.allSatisfy { $0.label == anchor.label }, "a partner of another label")
    (self.anchor, self.partners) = (anchor, partners)
  }

  /// An example for each text, in their order.
  public static func all(of texts: [ClassificationExample]) -> [ContrastiveExample] {
    let places = Dictionary(grouping: texts.indices, by: { texts[$0].label })
    return texts.indices.map { index in
      let others = places[texts[index].label, default: []].filter { $0 != index }
      return ContrastiveExample(anchor: texts[index], partners: others.map { texts[$0] })
    }
  }

  /// The partner of a step; the text itself, which dropout shows another way, where there is none.
  fileprivate func partner(drawnFrom key: RandomKey, at index: Int) -> ClassificationExample {
    guard !partners.isEmpty else { return anchor }
    let wide = UInt64(key.word(at: UInt64(index))) * UInt64(partners.count)
    return partners[Int(wide >> 32)]
  }
}

/// Brings the vectors of texts with one label together and sets those of different labels apart (Tunstall et al. 2022,
/// section 3.1).
///
/// Each text of a batch is joined by a partner of its label. All pairs among them are compared: the cosine of a pair should be 1
/// where the labels agree and 0 where they differ. Both kinds weigh the same however many there are of each.
public struct ContrastiveObjective<Encoder: SequenceEncoder<TokenBatch>>: Objective {
  /// Hides words from the model while it learns; nil: none.
  public let tokenDropout: TokenDropout?

  /// An objective that learns from pairs.
  public init(tokenDropout: TokenDropout? = nil) { self.tokenDropout = tokenDropout }

  /// Tokens of the text and, on average, of its partner.
  public func tokenCount(of example: ContrastiveExample) -> Int {
    let lengths = example.partners.map { $0.windows[0].ids.count }
    let own = example.anchor.windows[0].ids.count
    return own + (lengths.isEmpty ? own : lengths.reduce(0, +) / lengths.count)
  }

  /// The loss over all pairs of the texts and their partners, times the count of the texts.
  public func loss(
    of model: SequenceClassifier<Encoder>, on examples: [ContrastiveExample], mode: Mode
  ) -> WeightedLoss {
    let key = mode.pass?.nextKey() ?? RandomKey(seed: 0)
    let partners = examples.enumerated().map { $1.partner(drawnFrom: key, at: $0) }
    let texts = examples.map(\.anchor) + partners
    let windows = TokenBatch(texts, mode)
    let batch = tokenDropout?.applied(to: windows, mode) ?? windows
    let loss = model.features(batch, mode: mode).pairLoss(labels: texts.map(\.label))
    let weight = Double(examples.count)
    return WeightedLoss(sum: loss.scaled(by: weight), weight: weight)
  }
}

extension Tensor {
  /// Returns the squared distance of the cosine of two rows from 1 where their labels agree and from 0 where they do not, its mean
  /// over the pairs of each kind, and the mean of both.  [rows, dimension] -> a single number
  func pairLoss(labels: [Int]) -> Tensor {
    let count = labels.count
    precondition(count == rowCount, "\(count) labels for \(rowCount) rows")
    var (targets, roots) = ([Double](), [Double]())
    var (agreeing, differing) = (0, 0)
    for first in 0..<count {
      for second in 0..<count where first != second {
        if labels[first] == labels[second] { agreeing += 1 } else { differing += 1 }
      }
    }
    let kinds = (agreeing > 0 ? 1.0 : 0) + (differing > 0 ? 1 : 0)
    for first in 0..<count {
      for second in 0..<count {
        let agrees = labels[first] == labels[second]
        targets.append(agrees ? 1 : 0)
        roots.append(
          first == second ? 0 : (1 / (kinds * Double(agrees ? agreeing : differing))).squareRoot())
      }
    }
    func table(_ values: [Double]) -> Tensor {
      Tensor(doubles: values, shape: [count, count]).converted(to: precision)
    }
    let directions = rowsNormalized()
    let misses = (directions.matmul(directions.transposed()) - table(targets)) * table(roots)
    return (misses * misses).sum()
  }
}
