// SPDX-License-Identifier: Apache-2.0

public import AttuneTokenizers

/// What a model sees of a row: one text, a pair, or several texts as one.
public struct TextParts: Sendable, Hashable {
  /// The first text, or all texts when there are more than two.
  public let text: String
  /// The second text of a pair.
  public let pair: String?

  /// One text.
  public init(_ text: String) {
    self.text = text
    pair = nil
  }

  /// The columns of a row: two are a pair (segments 0 and 1); more are joined by a space.
  public init(_ parts: [String]) {
    text = parts.count == 2 ? parts[0] : parts.joined(separator: " ")
    pair = parts.count == 2 ? parts[1] : nil
  }

  /// The texts as one, for those who look at words alone.
  public var joined: String { pair.map { "\(text) \($0)" } ?? text }

  /// How `init(_:)` treats a number of columns, in words.
  public static func treatment(ofColumns count: Int) -> String {
    switch count {
    case ...1: "one text"
    case 2: "a pair: the first column is segment 0, the second segment 1"
    default: "\(count) columns joined by spaces"
    }
  }
}

extension Tokenizer {
  /// Returns the tokens of a row, at most `maximumLength` of them.
  public func encode(_ parts: TextParts, maximumLength: Int) -> Encoding {
    encode(parts.text, pair: parts.pair, maximumLength: maximumLength)
  }
}
