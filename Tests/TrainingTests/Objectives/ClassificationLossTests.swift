// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import Testing

@Suite("Losses of the tasks")
struct ClassificationLossTests {
  func example(_ target: ClassificationTarget) -> ClassificationExample {
    ClassificationExample(ids: [1, 2], target: target)
  }

  func loss(
    _ comparison: ClassificationLoss, _ targets: [ClassificationTarget], labelCount: Int = 2
  ) -> (sum: Double, weight: Double, logits: [Float]) {
    let key = RandomKey(seed: 1)
    let head = ClassificationHead(
      dimension: 8, labelCount: labelCount, hasPooler: true, dropout: Dropout(0), key: key)
    var model = TinyTask.model()
    model.head = head
    let examples = targets.map { example($0) }
    let loss = TinyTask.Objective(comparison).loss(of: model, on: examples, mode: .inference)
    let logits = model.logits(TokenBatch(examples), mode: .inference).values
    return (Double(loss.sum.scalar), loss.weight, logits)
  }

  @Test("The soft target of ordered labels falls with the squared number of steps")
  func softTargets() {
    let near = exp(-1.0)
    let far = exp(-4.0)
    let rows = OrdinalTargets(labelCount: 3).distributions
    let expected = [[1, near, far], [near, 1, near], [far, near, 1]].map { row in
      row.map { $0 / row.reduce(0, +) }
    }
    for (found, wanted) in zip(rows.joined(), expected.joined()) {
      #expect(abs(found - wanted) < 1e-15)
    }
  }

  @Test("The loss of ordered labels is the cross-entropy with their soft targets")
  func ordinal() {
    let targets = OrdinalTargets(labelCount: 3)
    let found = loss(
      .ordinal(targets, classWeights: [1, 2, 1]), [.label(1), .label(2)], labelCount: 3)
    var expected = 0.0
    for (row, (label, weight)) in [(1, 2.0), (2, 1.0)].enumerated() {
      let logits = found.logits[3 * row..<3 * row + 3].map { Double($0) }
      let total = log(logits.reduce(0) { $0 + exp($1) })
      for (logit, share) in zip(logits, targets.distributions[label]) {
        expected += weight * share * (total - logit)
      }
    }
    #expect(abs(found.sum - expected) < 1e-5 && found.weight == 3)
  }

  @Test("The loss of sets of labels is the mean over the labels")
  func multiLabel() {
    let found = loss(.multiLabel, [.labels([true, false]), .labels([true, true])])
    let signs: [Double] = [1, -1, 1, 1]
    let expected = zip(found.logits, signs).reduce(0) { $0 + log(1 + exp(-$1.1 * Double($1.0))) }
    #expect(abs(found.sum - expected / 2) < 1e-5 && found.weight == 2)
  }

  @Test("Numbers are learned with mean 0 and deviation 1, and said as they are")
  func regression() {
    let scale = NumberScale(of: [1, 3, 5, 7])
    #expect(scale.mean == 4 && abs(scale.deviation - 5.0.squareRoot()) < 1e-12)
    #expect(NumberScale(of: [2, 2]).deviation == 1)
    let found = loss(.regression(scale), [.number(1), .number(7)], labelCount: 1)
    let expected = zip(found.logits, [1.0, 7.0]).reduce(0) { sum, pair in
      let distance = Double(pair.0) - (pair.1 - 4) / 5.0.squareRoot()
      return sum + distance * distance
    }
    #expect(abs(found.sum - expected) < 1e-5 && found.weight == 2)
    let head = ClassificationHead(
      dimension: 8, labelCount: 1, hasPooler: false, dropout: Dropout(0), key: RandomKey(seed: 3))
    let pooled = Tensor.uniform([4, 8], bound: 1, key: RandomKey(seed: 4))
    let standard = head(pooled, mode: .inference).values
    let plain = head.unstandardized(by: scale)(pooled, mode: .inference).values
    let back = head.unstandardized(by: scale).standardized(by: scale)(pooled, mode: .inference)
    for index in 0..<4 {
      #expect(abs(Double(plain[index]) - (Double(standard[index]) * scale.deviation + 4)) < 1e-5)
      #expect(abs(back.values[index] - standard[index]) < 1e-6)
    }
  }

  @Test("The median label has the least expected distance; labels hold from their threshold on")
  func decides() {
    #expect(Decision.median(of: [0.4, 0.05, 0.15, 0.4]) == 2)
    #expect(Decision.median(of: [0.6, 0.4]) == 0 && Decision.median(of: [Float.nan, 0.5]) == 1)
    #expect(Decision.likeliest(of: [0.4, 0.05, 0.15, 0.4]) == 0)
    #expect(Decision.reached([0.3, 0.3], thresholds: [0.3, 0.31]) == [true, false])
  }
}
