// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Why a classifier cannot be trained as asked.
public enum ClassifierTrainingError: AttuneError, Equatable {
  case outputExists(String)
  case nothingToResume(String)
  case notARun(String)
  case otherData(run: String)
  case resumedWithOther(settings: [String], run: String)
  case unknownName(String, what: String, known: [String])
  case outOfRange(setting: String, found: String, expected: String)
  case otherTokenizer(String, tokens: Int, entries: Int)
  case unfitLayout(String, model: String, fitting: String)
  case interruptedEarly

  /// The status that the process ends with.
  public var exitCode: ExitStatus {
    switch self {
    case .outputExists, .notARun: .cannotCreate
    case .nothingToResume: .noInput
    case .otherData, .otherTokenizer: .data
    case .resumedWithOther, .unknownName, .outOfRange, .unfitLayout: .usage
    case .interruptedEarly: .interrupted
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .outputExists(let path):
      "\(path): exists. Name another folder, or add --resume to go on or --overwrite to start anew."
    case .nothingToResume(let path):
      "\(path): there is no run to resume, expected a folder with run.json. Leave out --resume to start one."
    case .notARun(let path):
      "\(path): exists and is not a training run (it has no run.json), so --overwrite leaves it alone. Name another folder."
    case .otherData(let run):
      "\(run): the data are not those that this run was started with. Resume with the same files, or start anew with --overwrite."
    case .resumedWithOther(let settings, let run):
      "\(run): a resumed run keeps its settings, but these differ: \(settings.joined(separator: ", ")). Leave them out, or start anew with --overwrite."
    case .unknownName(let name, let what, let known):
      "\(what) '\(name)' is not known.\(EditDistance.suggestion(for: name, in: known)) Known: \(known.joined(separator: ", "))."
    case .outOfRange(let setting, let found, let expected):
      "\(setting): found \(found), expected \(expected)."
    case .otherTokenizer(let path, let tokens, let entries):
      "\(path): the tokenizer has \(tokens) tokens, but the model knows \(entries). Expected the tokenizer that the model was trained with."
    case .unfitLayout(let name, let model, let fitting):
      "\(model): layout '\(name)' cannot hold this model, expected '\(fitting)' or 'attune'."
    case .interruptedEarly:
      "interrupted before the first step: nothing was written."
    }
  }
}

extension ClassifierSettings {
  /// Throws for the first setting that no training can use.
  func check() throws(ClassifierTrainingError) {
    func require(_ holds: Bool, _ name: String, _ found: Any?, _ expected: String)
      throws(ClassifierTrainingError)
    {
      guard holds else {
        throw .outOfRange(
          setting: name, found: found.map { "\($0)" } ?? "nothing", expected: expected)
      }
    }
    let width = dimension ?? 64
    for (name, value) in [
      ("--layers", layers), ("--dimension", dimension), ("--heads", heads),
      ("--feed-forward", feedForwardDimension), ("--epochs", epochs), ("--batch-size", batchSize),
      ("--accumulate", accumulation),
    ] {
      try require(value.map { (1...100_000).contains($0) } ?? true, name, value, "1 or more")
    }
    try require(
      width.isMultiple(of: headCount), "--heads", headCount,
      "a number that divides the dimension, \(width)")
    try require(
      vocabularySize.map { (100...1_000_000).contains($0) } ?? true, "--vocabulary",
      vocabularySize, "100 or more")
    try require(
      maximumLength.map { (8...8_192).contains($0) } ?? true, "--max-length", maximumLength,
      "8 to 8192")
    try require(
      learningRate.map { $0 > 0 && $0 < 10 } ?? true, "--learning-rate", learningRate,
      "a small positive number")
    try require(
      validationFraction.map { $0 > 0 && $0 < 1 } ?? true, "--validation-share",
      validationFraction, "a share above 0 and below 1")
    for (name, rate) in [
      ("--dropout", dropout), ("--attention-dropout", attentionDropout),
      ("--head-dropout", headDropout), ("--token-dropout", tokenDropout),
      ("--label-smoothing", labelSmoothing),
    ] {
      try require(rate.map { $0 >= 0 && $0 < 1 } ?? true, name, rate, "a rate from 0 to below 1")
    }
    try require(
      warmUp.map { (0...1).contains($0) } ?? true, "--warm-up", warmUp, "a share from 0 to 1")
    for (name, value) in [("--weight-decay", weightDecay), ("--clip", clip)] {
      try require(value.map { $0 >= 0 && $0.isFinite } ?? true, name, value, "0 or more")
    }
    try require(patience.map { $0 >= 0 } ?? true, "--patience", patience, "0 or more")
  }
}
