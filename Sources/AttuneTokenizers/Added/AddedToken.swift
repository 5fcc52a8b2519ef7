// SPDX-License-Identifier: Apache-2.0

/// A token that is found in the text as it stands, before words are cut.
public struct AddedToken: Sendable, Equatable {
  /// The id.
  public var id: Int32
  /// The text of the token.
  public var content: String
  /// Whether decoding may leave it out.
  public var isSpecial: Bool
  /// Whether it is looked for in the normalised text, itself normalised, instead of the raw text.
  public var isNormalized: Bool
  /// Whether it takes the white space before it.
  public var stripsLeft: Bool
  /// Whether it takes the white space after it.
  public var stripsRight: Bool
  /// Whether it is found only where no letter or digit touches it.
  public var isSingleWord: Bool

  /// Makes a token; without settings it is special, as `[MASK]` is.
  public init(
    id: Int32, content: String, isSpecial: Bool = true, isNormalized: Bool = false,
    stripsLeft: Bool = false, stripsRight: Bool = false, isSingleWord: Bool = false
  ) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.isNormalized = isNormalized
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isSingleWord = isSingleWord
  }

  /// Returns whether both are the same token, byte for byte.
  public static func == (left: AddedToken, right: AddedToken) -> Bool {
    left.id == right.id && left.content.utf8.elementsEqual(right.content.utf8)
      && left.isSpecial == right.isSpecial && left.isNormalized == right.isNormalized
      && left.stripsLeft == right.stripsLeft && left.stripsRight == right.stripsRight
      && left.isSingleWord == right.isSingleWord
  }
}
