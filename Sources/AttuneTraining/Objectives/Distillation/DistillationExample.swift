// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What a teacher says of a text.
public struct TeacherLesson: Sendable, Equatable {
  /// Its outputs before they become probabilities.
  public let logits: [Float]
  /// What its last layer tells labels by; nil: that is not learned from.
  public let features: [Float]?

  /// A lesson of the given outputs.
  public init(logits: [Float], features: [Float]? = nil) {
    (self.logits, self.features) = (logits, features)
  }
}

/// A text, what its teacher says of it, and its label if it has one.
public struct DistillationExample: Sendable {
  /// The text; its target counts where it is labelled.
  public let text: ClassificationExample
  /// Whether the target was given with the text.
  public let isLabelled: Bool
  /// What the teacher says.
  public let lesson: TeacherLesson

  /// A text with its lesson.
  public init(_ text: ClassificationExample, isLabelled: Bool, lesson: TeacherLesson) {
    (self.text, self.isLabelled, self.lesson) = (text, isLabelled, lesson)
  }
}

/// A student, and the maps from its states to those of its teacher, which are learned with it and then forgotten.
public struct DistilledClassifier<Encoder: SequenceEncoder>: Module {
  public var student: SequenceClassifier<Encoder>
  /// One for each pair of states that are compared.
  public var projections: [Linear]

  /// A student whose states are mapped to vectors of `width` numbers, `count` times.
  public init(
    student: SequenceClassifier<Encoder>, dimension: Int, width: Int, count: Int, key: RandomKey
  ) {
    self.student = student
    projections = (0..<count).map {
      // Large enough to keep the lengths of what is mapped.
      Linear(
        input: dimension, output: width, hasBias: false,
        standardDeviation: 1 / Float(dimension).squareRoot(), key: key.place(UInt64($0)))
    }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("student", &student)
    visit("projections", &projections)
  }
}
