// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneModels
internal import AttuneTraining

/// What a classifier is to learn: the task as asked, or as the data and the model that it starts from tell.
struct TaskChoice {
  let task: ClassificationTask
  /// How labels stand in the files.
  let reading: LabelReading

  /// What stands between labels, unless the user says.
  static let usualSeparator = ";"

  /// The choice before anything is read.
  ///
  /// - Parameter head: The head of the model that the training starts from.
  init(_ settings: ClassifierSettings, head: Origin.Head?) throws {
    let holdsSets = settings.labelSeparator != nil || settings.labelColumns != nil
    task =
      settings.task
      ?? (holdsSets ? .multiLabel : settings.labelOrder != nil ? .ordinal : head?.task)
      ?? .singleLabel
    try Self.check(settings, task)
    if let columns = settings.labelColumns {
      reading = .columns(columns)
    } else if task == .multiLabel {
      reading = .separated(
        column: settings.labelColumn, separator: settings.labelSeparator ?? Self.usualSeparator)
    } else {
      reading = .whole(column: settings.labelColumn)
    }
  }

  /// Refuses settings that the task has no use for: none is left out in silence.
  private static func check(
    _ settings: ClassifierSettings, _ task: ClassificationTask
  ) throws {
    func require(
      _ tasks: [ClassificationTask], _ setting: String, _ isAsked: Bool
    ) throws(ClassifierTrainingError) {
      guard !isAsked || tasks.contains(task) else {
        throw .settingOfOtherTask(
          setting, task: task.rawValue, tasks: tasks.map(\.rawValue))
      }
    }
    try require([.multiLabel], "--label-separator", settings.labelSeparator != nil)
    try require([.multiLabel], "--label-columns", settings.labelColumns != nil)
    try require([.multiLabel], "--tune-thresholds", settings.tunesThresholds == true)
    try require([.ordinal], "--label-order", settings.labelOrder != nil)
    try require([.singleLabel], "--label-smoothing", settings.labelSmoothing ?? 0 > 0)
    try require(
      [.singleLabel, .ordinal], "--class-weight balanced", settings.classWeight == .balanced)
    if let score = settings.score, !task.scores.contains(score) {
      throw ClassifierTrainingError.scoreOfOtherTask(
        score.rawValue, task: task.rawValue, scores: task.scores.map(\.rawValue))
    }
    if settings.labelColumns != nil, settings.labelColumn != nil {
      throw SettingError(
        setting: "--label-columns", found: "--label-column too", expected: "one of the two")
    }
  }

  /// The names of the outputs, by index.
  ///
  /// - Parameter set: The training texts.
  func labels(
    of set: LabelledTextSet, _ settings: ClassifierSettings, head: Origin.Head?
  ) throws -> [String] {
    switch task {
    case .regression:
      _ = try set.numbers()
      return [set.choice.flatMap { choice in choice.label.map { choice.columns[$0] } } ?? "value"]
    case .ordinal: return try ordered(set, settings.labelOrder)
    case .singleLabel, .multiLabel:
      // The order of a head that may be kept.
      guard let head, head.task == task else { return set.labels }
      // By bytes: Swift's strings are equal when they look alike.
      let isSame =
        Set(head.labels.map { Array($0.utf8) }) == Set(set.labels.map { Array($0.utf8) })
      return isSame ? head.labels : set.labels
    }
  }

  private func ordered(_ set: LabelledTextSet, _ order: [String]?) throws -> [String] {
    guard let order else {
      let words = set.labels.filter { LabelledTextSet.number($0) == nil }
      guard words.isEmpty else { throw ClassifierTrainingError.unorderedLabels(set.labels) }
      return set.labels
    }
    let missing = set.labels.filter { label in !order.contains { $0.hasSameUTF8(as: label) } }
    guard missing.isEmpty else {
      throw ClassifierTrainingError.unplacedLabels(missing, order: order)
    }
    return order
  }

  /// What each example should be told, as an index, a set or a number.
  func targets(of set: LabelledTextSet, labels: [String]) throws -> [ClassificationTarget] {
    let places = JSONObject(labels.enumerated().map { ($0.element, .integer($0.offset)) })
    func place(_ label: String) -> Int { places[label]?.integerValue ?? 0 }
    switch task {
    case .regression: return try set.numbers().map { .number($0) }
    case .singleLabel, .ordinal: return set.examples.map { .label(place($0.label)) }
    case .multiLabel:
      return set.examples.map { example in
        var holds = [Bool](repeating: false, count: labels.count)
        for label in example.labels { holds[place(label)] = true }
        return .labels(holds)
      }
    }
  }

  /// How the validation texts are drawn.
  var strata: StratifiedSplit.Strata {
    switch task {
    case .singleLabel, .ordinal: .labels
    case .multiLabel: .rarestLabels
    case .regression: .none
    }
  }

  /// What the user may rather want, when the labels look like those of another task; nothing is changed in silence.
  func suggestion(for set: LabelledTextSet, isAsked: Bool) -> String? {
    guard task == .singleLabel, !isAsked else { return nil }
    let numbers = set.labels.compactMap { LabelledTextSet.number($0) }
    if numbers.count == set.labels.count, numbers.count > 2 {
      return numbers.count > 20
        ? "the labels are \(numbers.count) different numbers: --task regression learns them as such"
        : "the labels are numbers, but their order is not used: --task ordinal learns to miss by little, "
          + "--task regression predicts a number"
    }
    let separators = [";", "|", ","].filter { separator in
      set.labels.count { $0.contains(separator) } * 2 > set.labels.count
    }
    guard let separator = separators.first else { return nil }
    return "most labels hold '\(separator)': "
      + "--label-separator '\(separator)' takes them for several labels each"
  }
}
