// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneModels
public import AttuneTokenizers

/// How a classifier reads texts and what it makes of its scores: what `attune.json` says, or what is usual.
public struct ClassificationSettings: Sendable, Hashable {
  /// Most tokens that the model sees at once, special ones included.
  public var maximumLength: Int
  /// The windows that longer texts are read by; nil: they are cut at `maximumLength`.
  public var windowing: Windowing?
  /// What scores are divided by before they become probabilities; above 1 the model was too sure. Labels do not depend on it.
  public var temperature: Double
  /// From which probability each label holds, at temperature 1, where any number of labels may.
  public var thresholds: [Float]
  /// What stands between labels where several are written in one field.
  public var labelSeparator: String
  /// Columns of one label each in the table that the model was trained on; empty where labels stood in one.
  public var labelColumns: [String]

  /// Reads what was stored with a model.
  init(_ json: JSONField?, _ configuration: ClassifierConfiguration) throws {
    let positions = configuration.encoder.maximumLength
    let trainedLength = try json?.optionalInteger(at: "maximum_length")
    maximumLength = max(4, min(trainedLength ?? .max, positions))
    windowing = try json.flatMap { try Self.windowing($0, positions: positions) }
    temperature = try json?.calibrationTemperature() ?? 1
    thresholds = try json.map { try $0.thresholds(count: configuration.labels.count) } ?? []
    if thresholds.isEmpty {
      thresholds = [Float](repeating: 0.5, count: configuration.labels.count)
    }
    labelSeparator = try json?.optionalString(at: "label_separator") ?? ";"
    labelColumns =
      try json.map { try $0.has("label_columns") ? $0.strings(at: "label_columns") : [] } ?? []
  }

  private static func windowing(_ json: JSONField, positions: Int) throws -> Windowing? {
    guard try json.has("window") else { return nil }
    let length = try json.integer(at: "window", in: smallestWindow...max(smallestWindow, positions))
    let stride = try json.has("stride") ? json.integer(at: "stride", in: 1...length) : nil
    return Windowing(length: length, stride: stride)
  }

  /// Fewer tokens than this hold next to nothing beside the special ones.
  static let smallestWindow = 8
}

extension JSONField {
  fileprivate func calibrationTemperature() throws(JSONFieldError) -> Double? {
    guard let temperature = try field(at: "calibration").optionalDouble(at: "temperature") else {
      return nil
    }
    guard 0.001...1_000 ~= temperature else {
      throw try field(at: "calibration").field(at: "temperature").error(
        "found \(temperature), expected a number from 0.001 to 1000.")
    }
    return temperature
  }

  fileprivate func thresholds(count: Int) throws(JSONFieldError) -> [Float] {
    guard try has("thresholds") else { return [] }
    let thresholds = try doubles(at: "thresholds").map { Float($0) }
    guard thresholds.count == count, thresholds.allSatisfy({ 0...1 ~= $0 }) else {
      throw try field(at: "thresholds").error(
        "found \(thresholds.count) numbers, expected one from 0 to 1 for each of the \(count) labels."
      )
    }
    return thresholds
  }
}

/// Windows that a model cannot read.
public enum WindowingError: AttuneError, Equatable {
  /// The model has no positions for so long a window.
  case tooLong(Int, positions: Int)
  /// Beside the special tokens nothing would fit.
  case tooShort(Int)
  /// Windows this far apart would leave out tokens, or never advance.
  case unfitStride(Int, window: Int)

  /// The command line must say something else.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    switch self {
    case .tooLong(let length, let positions):
      "--window is \(length), but the model has \(positions) positions; expected at most so many."
    case .tooShort(let length):
      "--window is \(length), expected \(ClassificationSettings.smallestWindow) or more, or 0 to cut long texts."
    case .unfitStride(let stride, let window):
      "--stride is \(stride), expected a number from 1 to the window's \(window) tokens."
    }
  }
}

extension TextClassification {
  /// Returns the classifier with another way to read texts that are longer than what the model sees at once.
  ///
  /// - Parameters:
  ///   - window: Tokens of a window; 0: longer texts are cut; nil: as before, or what the model sees where only a stride is given.
  ///   - stride: Tokens from the beginning of a window to that of the next; nil: half of a window that is given.
  public func reading(window: Int?, stride: Int?) throws(WindowingError) -> TextClassification {
    var changed = self
    if window == 0 { changed.settings.windowing = nil }
    guard window != 0, window != nil || stride != nil else { return changed }
    let length = window ?? maximumLength
    let positions = configuration.encoder.maximumLength
    guard length <= positions else { throw .tooLong(length, positions: positions) }
    guard length >= ClassificationSettings.smallestWindow else { throw .tooShort(length) }
    if let stride, !(1...length ~= stride) { throw .unfitStride(stride, window: length) }
    changed.settings.windowing = Windowing(length: length, stride: stride)
    return changed
  }
}
