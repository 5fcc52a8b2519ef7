// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels

/// Everything that is decided before a tokenizer or a model is made.
struct ClassifierPlan {
  /// The name of the model that the training starts from; nil: nothing.
  let originName: String?
  /// The shape of what grows from it.
  let configuration: ClassifierConfiguration?
  /// Whether the origin's own head goes on learning.
  let keepsHead: Bool
  /// Whether it learns as suits few examples.
  let fewShot: FewShotDecision
  /// With everything chosen.
  let settings: ClassifierSettings

  init(
    _ data: ClassificationData, _ asked: ClassifierSettings, _ origin: Origin?,
    _ teacher: Teacher? = nil
  ) throws {
    var asked = asked
    asked.task = data.task
    if teacher != nil {
      asked = asked.completedForStudent()
      // A student has the answers to many texts.
      asked.fewShot = .off
      try asked.checkForStudent()
    }
    originName = origin?.name
    var configuration = try origin?.configuration(labels: data.labels, task: data.task)
    if let pooling = asked.pooling { configuration?.pooling = pooling }
    asked.pooling = configuration?.pooling ?? asked.pooling
    self.configuration = configuration
    let canKeepHead = origin?.keepsHead(for: data.labels, data.task) ?? false
    fewShot = try FewShotDecision(
      asked, data, hasOrigin: origin != nil, keepsHead: canKeepHead)
    keepsHead = canKeepHead && !fewShot.isOn
    if let configuration, fewShot.isOn {
      settings = asked.completed(forFewShot: configuration)
    } else if let configuration {
      settings = asked.completed(forPretrained: configuration, keepsHead: keepsHead)
    } else {
      settings = asked.completed(forScratch: data.size)
    }
    try settings.check()
    if let origin, let configuration { try origin.check(settings, configuration) }
  }
}
