// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// A stretch of a tokenised text that a model sees at once.
public struct TokenWindow: Sendable, Equatable {
  /// The tokens, special ones included.
  public let ids: [Int32]
  /// Segment of each token; nil: all 0.
  public let segments: [UInt8]?

  /// A window of the given tokens.
  public init(ids: [Int32], segments: [UInt8]? = nil) {
    self.ids = ids
    self.segments = segments
  }
}

/// What a classifier should say of a text.
public enum ClassificationTarget: Sendable, Equatable {
  /// The index of the one label.
  case label(Int)
  /// Whether each label holds.
  case labels([Bool])
  /// The number itself.
  case number(Double)
}

/// A tokenised text and what a classifier should say of it.
public struct ClassificationExample: Sendable, Equatable {
  /// The text; one that is longer than the model's window is several, of one length.
  public let windows: [TokenWindow]
  /// What a classifier should say.
  public let target: ClassificationTarget

  /// A text of the given windows, of which there is at least one.
  public init(windows: [TokenWindow], target: ClassificationTarget) {
    precondition(!windows.isEmpty, "a text without a window")
    self.windows = windows
    self.target = target
  }

  /// A text of the given windows with the index of its one label.
  public init(windows: [TokenWindow], label: Int) {
    self.init(windows: windows, target: .label(label))
  }

  /// A text of the given tokens.
  public init(ids: [Int32], segments: [UInt8]? = nil, target: ClassificationTarget) {
    self.init(windows: [TokenWindow(ids: ids, segments: segments)], target: target)
  }

  /// A text of the given tokens with the index of its one label.
  public init(ids: [Int32], segments: [UInt8]? = nil, label: Int) {
    self.init(ids: ids, segments: segments, target: .label(label))
  }

  /// The index of the one label.
  public var label: Int {
    guard case .label(let label) = target else {
      preconditionFailure("an example of another task was asked for its one label")
    }
    return label
  }

  /// Whether each label holds.
  public var labels: [Bool] {
    guard case .labels(let labels) = target else {
      preconditionFailure("an example of another task was asked for its set of labels")
    }
    return labels
  }

  /// The number.
  public var number: Double {
    guard case .number(let number) = target else {
      preconditionFailure("an example of another task was asked for its number")
    }
    return number
  }

  /// The window that a pass of training looks at: one of all, drawn anew in each.
  func window(drawnFrom key: RandomKey, at index: Int) -> TokenWindow {
    let wide = UInt64(key.word(at: UInt64(index))) * UInt64(windows.count)
    return windows[Int(wide >> 32)]
  }
}

extension TokenBatch {
  /// Windows, end to end.
  public init(_ windows: [TokenWindow]) {
    let hasSegments = windows.contains { $0.segments != nil }
    self.init(
      ids: windows.flatMap(\.ids),
      segments: hasSegments
        ? windows.flatMap { $0.segments ?? [UInt8](repeating: 0, count: $0.ids.count) } : nil,
      layout: SequenceLayout(lengths: windows.map(\.ids.count)))
  }

  /// The first windows of examples, end to end.
  public init(_ examples: [ClassificationExample]) { self.init(examples.map { $0.windows[0] }) }

  /// One window of each example, drawn in the given pass.
  init(_ examples: [ClassificationExample], _ mode: Mode) {
    if let pass = mode.pass, examples.contains(where: { $0.windows.count > 1 }) {
      let key = pass.nextKey()
      self.init(examples.enumerated().map { $1.window(drawnFrom: key, at: $0) })
    } else {
      self.init(examples)
    }
  }
}
