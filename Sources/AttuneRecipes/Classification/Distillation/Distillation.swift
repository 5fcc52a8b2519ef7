// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// What a student learns from: texts with the answers of a teacher.
struct Distillation {
  let teacherName: String
  let examples: [DistillationExample]
  /// The teacher whose layers are looked at; nil: its answers were all that was wanted.
  let teacher: TextClassifier?
  /// Numbers of the vectors that states are compared with.
  private let width: Int

  /// Asks a teacher about all texts, those without labels too.
  init(
    _ teacher: Teacher, _ data: ClassificationData, _ settings: ClassifierSettings,
    labelled: [ClassificationExample], _ reader: ExampleReader, _ tokenizer: Tokenizer,
    _ monitor: RecipeMonitor
  ) throws {
    let hidden = settings.hiddenStates ?? .pooled
    let others = try UnlabelledTexts.read(
      settings.unlabelled ?? [], columns: data.columns, settings)
    self.teacher = try hidden == .layers ? teacher.model(sharing: tokenizer) : nil
    let lessons = try teacher.lessons(
      on: data.training.examples + others, labels: data.labels, withFeatures: hidden == .pooled,
      monitor)
    let targets = lessons.dropFirst(labelled.count).map { Self.target(of: $0, data.task) }
    let read = reader.training(
      LabelledTextSet(file: "unlabelled", examples: others), Array(targets))
    let texts = labelled + read.examples
    precondition(texts.count == lessons.count, "\(texts.count) texts, \(lessons.count) lessons")
    examples = zip(texts, lessons).enumerated().map { place, pair in
      DistillationExample(pair.0, isLabelled: place < labelled.count, lesson: pair.1)
    }
    teacherName = teacher.name
    width =
      self.teacher?.head.classifier.weight.inputCount ?? lessons.first?.features?.count ?? 0
    let agreeing = zip(labelled, lessons).count { text, lesson in
      Self.target(of: lesson, data.task) == text.target
    }
    monitor.note(
      "teacher: \(teacher.name), asked about \(texts.count.grouped) texts, "
        + "\(others.count.grouped) of them without labels"
        + (data.task == .regression || labelled.isEmpty
          ? ""
          : "; it gives \((1_000 * agreeing / labelled.count).tenths) % of the others their labels")
    )
  }

  /// What a teacher says, as if it were a label.
  private static func target(
    of lesson: TeacherLesson, _ task: ClassificationTask
  ) -> ClassificationTarget {
    switch task {
    case .singleLabel: .label(Decision.likeliest(of: lesson.logits))
    case .ordinal:
      .label(
        Decision.median(
          of: Tensor(lesson.logits, shape: [1, lesson.logits.count]).softmax().values))
    case .multiLabel: .labels(lesson.logits.map { $0 >= 0 })
    case .regression: .number(Double(lesson.logits.first ?? 0))
    }
  }

  /// A student with the maps from its states to the teacher's.
  func pair(
    _ student: consuming TextClassifier, dimension: Int, key: RandomKey
  ) -> DistilledClassifier<TransformerEncoder> {
    let count = teacher == nil ? (width > 0 ? 1 : 0) : student.encoder.layers.count
    return DistilledClassifier(
      student: student, dimension: dimension, width: width, count: count, key: key)
  }
}

extension Int {
  /// A count of thousandths as a percentage.
  fileprivate var tenths: String { "\(self / 10).\(self % 10)" }
}

extension ClassifierSettings {
  /// Returns the settings with everything chosen that a student needs.
  func completedForStudent() -> ClassifierSettings {
    var chosen = ClassifierSettings()
    (chosen.temperature, chosen.labelShare) = (2, 0.5)
    (chosen.hiddenStates, chosen.hiddenWeight) = (.pooled, 1)
    return merged(over: chosen)
  }

  /// What counts how much in what a student learns.
  var distillationWeights: DistillationWeights {
    DistillationWeights(
      temperature: temperature ?? 2, labelShare: labelShare ?? 0.5, hidden: hiddenWeight ?? 1)
  }

  /// Throws for settings that no student can use.
  func checkForStudent() throws(SettingError) {
    // Each window would need a lesson of its own.
    try SettingError.require(
      trainingWindows != .all, "--train-windows", trainingWindows?.rawValue, "first or random")
  }
}
