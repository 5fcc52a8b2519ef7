// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import TestSupport
import Testing

extension TinyEncoder: LayeredEncoder {
  func layerStates(_ source: TokenBatch, mode: Mode) -> [PackedStates] {
    [encode(source, mode: mode)]
  }
}

@Suite("Students learn from teachers")
struct DistillationObjectiveTests {
  typealias Objective = DistillationObjective<TinyEncoder>

  static let lessons: [[Float]] = [[1.5, -0.5], [0, 2], [-1, -1.25], [3, -2]]

  /// Four texts with what a teacher says of them; all but the last have labels.
  static func examples(features: [[Float]]? = nil) -> [DistillationExample] {
    TinyTask.examples(4).enumerated().map { index, text in
      DistillationExample(
        text, isLabelled: index < 3,
        lesson: TeacherLesson(logits: lessons[index], features: features?[index]))
    }
  }

  private func pair(
    _ student: TinyTask.Model = TinyTask.model(), width: Int = 0
  ) -> DistilledClassifier<TinyEncoder> {
    DistilledClassifier(
      student: student, dimension: 8, width: width, count: width > 0 ? 1 : 0,
      key: RandomKey(seed: 4)
    ).converted(to: .float64)
  }

  private func loss(
    _ pair: DistilledClassifier<TinyEncoder>, _ examples: [DistillationExample],
    _ weights: DistillationWeights,
    _ comparison: ClassificationLoss = .singleLabel(), teacher: TinyEncoder? = nil
  ) -> Double {
    let loss = Objective(comparison, weights: weights, teacher: teacher)
      .loss(of: pair, on: examples, mode: .inference)
    return loss.sum.doubles[0] / loss.weight
  }

  private func softmax(_ logits: [Double]) -> [Double] {
    let powers = logits.map { exp($0) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private func logits(_ pair: DistilledClassifier<TinyEncoder>) -> [[Double]] {
    let logits = pair.student.logits(
      TokenBatch(Self.examples().map(\.text)), mode: .inference
    ).doubles
    return (0..<4).map { Array(logits[2 * $0..<2 * $0 + 2]) }
  }

  @Test("Without labels the loss is the softened cross-entropy times the squared temperature")
  func softened() {
    let pair = pair()
    let (temperature, student) = (3.0, logits(pair))
    let expected = zip(student, Self.lessons).reduce(0) { sum, texts in
      let own = softmax(texts.0.map { $0 / temperature })
      let taught = softmax(texts.1.map { Double($0) / temperature })
      return sum - zip(taught, own).reduce(0) { $0 + $1.0 * log($1.1) }
    }
    let found = loss(
      pair, Self.examples(), DistillationWeights(temperature: 3, labelShare: 0, hidden: 0))
    #expect(abs(found - 9 * expected / 4) < 1e-12)
  }

  @Test("With labels alone the loss is that of the texts that have one")
  func labels() {
    let pair = pair()
    let found = loss(
      pair, Self.examples(), DistillationWeights(labelShare: 1, hidden: 0))
    let texts = Self.examples().dropLast().map(\.text)
    let expected = ClassificationObjective<TinyEncoder>()
      .loss(of: pair.student, on: Array(texts), mode: .inference)
    #expect(abs(found - expected.sum.doubles[0] / 4) < 1e-12)
  }

  @Test("Weights of labels change how texts count among each other, not the share of all")
  func classWeights() {
    let weights = DistillationWeights(labelShare: 0.5, hidden: 0)
    let plain = loss(pair(), Self.examples(), weights)
    let scaled = loss(pair(), Self.examples(), weights, .singleLabel(classWeights: [7, 7]))
    #expect(abs(plain - scaled) < 1e-12)
  }

  @Test("Sets of labels and numbers are compared as their losses compare them")
  func otherTasks() {
    let pair = pair()
    let student = logits(pair)
    let weights = DistillationWeights(temperature: 2, labelShare: 0, hidden: 0)
    let sets = zip(student, Self.lessons).reduce(0) { sum, texts in
      zip(texts.0, texts.1).reduce(sum) { sum, logits in
        let own = 1 / (1 + exp(-logits.0 / 2))
        let taught = 1 / (1 + exp(-Double(logits.1) / 2))
        return sum - taught * log(own) - (1 - taught) * log(1 - own)
      }
    }
    #expect(
      abs(loss(pair, Self.examples(), weights, .multiLabel) - 4 * sets / (2 * 4)) < 1e-12)
    let scale = NumberScale(of: [1, 3])
    let numbers = zip(student, Self.lessons).reduce(0) { sum, texts in
      zip(texts.0, texts.1).reduce(sum) {
        $0 + pow($1.0 - (Double($1.1) - scale.mean) / scale.deviation, 2)
      }
    }
    #expect(
      abs(loss(pair, Self.examples(), weights, .regression(scale)) - numbers / 4) < 1e-9)
  }

  @Test("States are compared by direction, through the map")
  func features() {
    let taught: [[Float]] = [[1, 0, 2], [0, 3, 1], [1, 1, 1], [-1, 2, 0]]
    let pair = pair(width: 3)
    let mapped = pair.projections[0](
      pair.student.features(TokenBatch(Self.examples().map(\.text)), mode: .inference)
    ).doubles
    let expected = taught.enumerated().reduce(0.0) { sum, lesson in
      let own = mapped[3 * lesson.offset..<3 * lesson.offset + 3]
      let other = lesson.element.map { Double($0) }
      let dot = zip(own, other).reduce(0) { $0 + $1.0 * $1.1 }
      let lengths = [Array(own), other].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      return sum + 2 - 2 * dot / (lengths[0] * lengths[1])
    }
    let examples = Self.examples(features: taught)
    let without = loss(pair, examples, DistillationWeights(hidden: 0))
    let with = loss(pair, examples, DistillationWeights(hidden: 0.7))
    #expect(abs(with - without - 0.7 * expected / 4) < 1e-9)
  }

  @Test("A student that is its teacher is at no distance from its layers")
  func layers() {
    var same = pair(width: 8)
    same.projections[0].weight.values = Tensor(
      doubles: (0..<64).map { $0.isMultiple(of: 9) ? 1 : 0 }, shape: [8, 8])
    let weights = DistillationWeights(hidden: 5)
    let plain = loss(same, Self.examples(), DistillationWeights(hidden: 0))
    #expect(
      abs(loss(same, Self.examples(), weights, teacher: same.student.encoder) - plain) < 1e-12)
    let other = TinyTask.model(seed: 9).converted(to: .float64).encoder
    #expect(loss(same, Self.examples(), weights, teacher: other) > plain + 0.1)
  }

  @Test("Its gradients are those of central differences, for student and map")
  func gradients() throws {
    let examples = Self.examples(features: [[1, 0, 2], [0, 3, 1], [1, 1, 1], [-1, 2, 0]])
    let objective = Objective(
      .singleLabel(), weights: DistillationWeights(temperature: 2, labelShare: 0.3, hidden: 0.5))
    let start = pair(width: 3)
    let (_, gradients) = valueAndGradients(of: start) {
      objective.loss(of: $0, on: examples, mode: .inference).sum
    }
    for (name, shape) in [
      ("projections.0.weight", [3, 8]), ("student.head.classifier.weight", [2, 8]),
    ] {
      let gradient = try #require(gradients[name]).dense(shape: shape).doubles
      for place in [0, 5, 11] {
        func value(_ step: Double) -> Double {
          var moved = start
          moved.updateTensors { found, tensor, _ in
            guard found == name else { return }
            var values = tensor.doubles
            values[place] += step
            tensor = Tensor(doubles: values, shape: tensor.shape)
          }
          return objective.loss(of: moved, on: examples, mode: .inference).sum.doubles[0]
        }
        let slope = (value(1e-5) - value(-1e-5)) / 2e-5
        #expect(abs(slope - gradient[place]) < 1e-6 * max(1, abs(slope)), "\(name) \(place)")
      }
    }
  }

  @Test("Few layers stand evenly spread for many, the last one among them")
  func layerChoice() {
    func chosen(_ count: Int, _ depth: Int) -> [Int] {
      (0..<count).map { LayerChoice.layer(of: $0, among: count, in: depth) }
    }
    #expect(chosen(3, 6) == [1, 3, 5] && chosen(6, 12) == [1, 3, 5, 7, 9, 11])
    #expect(chosen(4, 4) == [0, 1, 2, 3] && chosen(1, 6) == [5])
    for (count, depth) in [(2, 3), (4, 6), (5, 12), (7, 24)] {
      let layers = chosen(count, depth)
      #expect(layers == Array(Set(layers)).sorted() && layers.last == depth - 1)
    }
  }
}
