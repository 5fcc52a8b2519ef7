// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneModels

/// Whether a run learns as suits few examples: its encoder from pairs of texts, its head in one go at the end.
struct FewShotDecision {
  /// Texts a label, on average, up to which that did better than fine-tuning with a new head.
  static let mostTexts = 128

  /// Whether it does.
  let isOn: Bool
  /// What the user should know of the choice; nil: nothing, since nobody would expect another one.
  let note: String?

  /// - Parameters:
  ///   - asked: What the user asks for, and nothing else.
  ///   - hasOrigin: Whether the run starts from a pretrained model.
  ///   - keepsHead: Whether that model's own head says what is to be learned.
  init(
    _ asked: ClassifierSettings, _ data: ClassificationData, hasOrigin: Bool, keepsHead: Bool
  ) throws(ClassifierTrainingError) {
    let useless = Self.useless(in: asked)
    let textsPerLabel = Double(data.training.examples.count) / Double(max(data.labels.count, 1))
    let size = "\((10 * textsPerLabel).rounded() / 10) texts a label"
    switch asked.fewShot ?? .auto {
    case .off: (isOn, note) = (false, nil)
    case .on:
      guard hasOrigin else { throw .fewShotFromScratch }
      guard data.task == .singleLabel else {
        throw .settingOfOtherTask(
          "--few-shot on", task: data.task.rawValue,
          tasks: [ClassificationTask.singleLabel.rawValue])
      }
      guard useless.isEmpty else { throw .settingsOfFineTuning(useless) }
      (isOn, note) = (true, "few-shot: on as asked, \(size): \(Self.method)")
    case .auto:
      guard hasOrigin, data.task == .singleLabel, textsPerLabel <= Double(Self.mostTexts) else {
        (isOn, note) = (false, nil)
        return
      }
      if keepsHead {
        (isOn, note) = (false, "few-shot: off, since the model has a head for these labels")
      } else if !useless.isEmpty {
        (isOn, note) = (
          false, "few-shot: off, since it has no use for \(useless.joined(separator: ", "))"
        )
      } else {
        (isOn, note) = (
          true,
          "few-shot: on, since there are \(size) (up to \(Self.mostTexts)): \(Self.method); "
            + "--few-shot off fine-tunes plainly"
        )
      }
    }
  }

  private static let method =
    "the encoder learns from pairs of texts, then a logistic regression becomes the head"

  /// What only fine-tuning with a head has a use for.
  private static func useless(in asked: ClassifierSettings) -> [String] {
    let isAsked = [
      ("--label-smoothing", asked.labelSmoothing ?? 0 > 0),
      ("--patience", asked.patience ?? 0 > 0),
      ("--head-rate-factor", asked.headRateFactor != nil),
    ]
    return isAsked.filter(\.1).map(\.0)
  }
}
