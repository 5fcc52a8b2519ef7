// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneLayers

/// Why a classifier cannot be trained as asked.
public enum ClassifierTrainingError: AttuneError, Equatable {
  case unknownName(String, what: String, known: [String])
  case otherTokenizer(String, tokens: Int, entries: Int)
  case unfitLayout(String, model: String, fitting: String)
  /// A setting that another task has.
  case settingOfOtherTask(String, task: String, tasks: [String])
  /// A score that another task has.
  case scoreOfOtherTask(String, task: String, scores: [String])
  /// Labels in words whose order nobody told.
  case unorderedLabels([String])
  /// Labels that the told order leaves out.
  case unplacedLabels([String], order: [String])
  /// Every label is a number of its own.
  case looksLikeNumbers(String, labelCount: Int)
  /// Settings of a new model, for one that is there already.
  case settingsOfNewModel([String], origin: String)
  /// Few examples are learned from by a pretrained encoder alone.
  case fewShotFromScratch
  /// Settings that learning from few examples has no use for.
  case settingsOfFineTuning([String])

  /// The status that the process ends with.
  public var exitCode: ExitStatus {
    switch self {
    case .otherTokenizer, .looksLikeNumbers: .data
    case .unknownName, .unfitLayout, .settingOfOtherTask,
      .scoreOfOtherTask, .unorderedLabels, .unplacedLabels, .settingsOfNewModel,
      .fewShotFromScratch, .settingsOfFineTuning:
      .usage
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .unknownName(let name, let what, let known):
      "\(what) '\(name)' is not known.\(EditDistance.suggestion(for: name, in: known)) Known: \(known.joined(separator: ", "))."
    case .otherTokenizer(let path, let tokens, let entries):
      "\(path): the tokenizer has \(tokens) tokens, but the model knows \(entries). Expected the tokenizer that the model was trained with."
    case .unfitLayout(let name, let model, let fitting):
      "\(model): layout '\(name)' cannot hold this model, expected '\(fitting)' or 'attune'."
    case .settingOfOtherTask(let setting, let task, let tasks):
      "\(setting) belongs to --task \(tasks.joined(separator: " or ")), but the task is \(task). Leave it out, or choose the task."
    case .scoreOfOtherTask(let score, let task, let scores):
      "--score \(score): the task \(task) has no such score, expected one of: \(scores.joined(separator: ", "))."
    case .unorderedLabels(let labels):
      "--task ordinal: the labels are words, so their order must be told, from the lowest to the highest: "
        + "--label-order \(labels.prefix(30).joined(separator: ","))"
    case .unplacedLabels(let labels, let order):
      "--label-order: the data have \(labels.map { "'\($0)'" }.joined(separator: ", ")) too, but the order names "
        + "only \(order.map { "'\($0)'" }.joined(separator: ", "))."
        + (labels.count == 1 ? EditDistance.suggestion(for: labels[0], in: order) : "")
    case .looksLikeNumbers(let path, let count):
      "\(path): the labels are \(count) different numbers, some with a single text. "
        + "To predict the number, add --task regression."
    case .settingsOfNewModel(let settings, let origin):
      "\(settings.joined(separator: ", ")): the model \(origin) has its shape already. "
        + "Leave \(settings.count == 1 ? "it" : "them") out, or train from scratch."
    case .fewShotFromScratch:
      "--few-shot on: few examples teach a pretrained encoder, not a new one. Name one with --from."
    case .settingsOfFineTuning(let settings):
      "--few-shot on has no use for \(settings.joined(separator: ", ")): its head is fitted in one go. "
        + "Leave \(settings.count == 1 ? "it" : "them") out, or fine-tune with --few-shot off."
    }
  }
}

extension ClassifierSettings {
  /// Throws for the first setting that no training can use, whatever is chosen for those that are left open.
  func checkEach() throws(SettingError) {
    let sizes = 1...100_000
    try SettingError.require([
      ("--layers", layers, sizes), ("--dimension", dimension, sizes), ("--heads", heads, sizes),
      ("--feed-forward", feedForwardDimension, sizes), ("--batch-size", batchSize, sizes),
      ("--vocabulary", vocabularySize, 100...1_000_000), ("--max-length", maximumLength, 8...8_192),
    ])
    try SettingError.require(
      validationFraction.map { $0 > 0 && $0 < 1 } ?? true, "--validation-share",
      validationFraction, "a share above 0 and below 1")
    try SettingError.require(
      warmUp.map { (0...1).contains($0) } ?? true, "--warm-up", warmUp, "a share from 0 to 1")
    try SettingError.requireRates([
      ("--head-dropout", headDropout), ("--token-dropout", tokenDropout),
      ("--label-smoothing", labelSmoothing),
    ])
    try SettingError.require(
      layerDecay.map { $0 > 0 && $0 <= 1 } ?? true, "--layer-decay", layerDecay,
      "a factor above 0 and at most 1")
    try SettingError.require(
      headRateFactor.map { $0 > 0 && $0.isFinite } ?? true, "--head-rate-factor", headRateFactor,
      "a positive number")
    try SettingError.require(
      temperature.map { $0 > 0 && $0 <= 100 } ?? true, "--temperature", temperature,
      "a number above 0, 100 at most")
    try SettingError.require(
      labelShare.map { (0...1).contains($0) } ?? true, "--label-share", labelShare,
      "a share from 0 to 1")
    try SettingError.require(
      hiddenWeight.map { $0 >= 0 && $0.isFinite } ?? true, "--hidden-weight", hiddenWeight,
      "0 or more")
    try checkLearning()
  }

  /// Throws for the first setting that no training can use beside the others.
  func check() throws(SettingError) {
    try checkEach()
    let width = dimension ?? 64
    let longest = maximumLength ?? 8_192
    try SettingError.require(
      width.isMultiple(of: headCount), "--heads", headCount,
      "a number that divides the dimension, \(width)")
    try SettingError.require(
      positions != .rotary || width.isMultiple(of: 2 * headCount), "--heads", headCount,
      "heads of an even number of columns, which rotary positions turn in pairs")
    try SettingError.require(
      window.map { $0 == 0 || (8...longest).contains($0) } ?? true, "--window", window,
      "8 to \(longest), or 0 to cut long texts")
    try SettingError.require(
      stride.map { window != 0 && (1...(window ?? longest)).contains($0) } ?? true, "--stride",
      stride, window == 0 ? "windows, but --window is 0" : "1 to \(window ?? longest)")
  }
}
