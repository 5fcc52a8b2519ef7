// SPDX-License-Identifier: Apache-2.0

/// The last stage: how pieces become text again.
public indirect enum TokenDecoder: Sendable, Equatable {
  /// Joins continuing pieces to the word before.
  case wordPiece(WordPieceDecoder)
  /// Turns the characters that stand for bytes back into bytes.
  case byteLevel
  /// Turns the suffix that ends words into spaces between them.
  case suffix(SuffixDecoder)
  /// Writes marks as spaces, and those of the first piece not at all where marks are put before text.
  case metaspace(Metaspace)
  /// Puts text in place of text within each piece.
  case replace(ReplaceNormalizer)
  /// Joins pieces that stand for bytes, `<0x00>` to `<0xFF>`, to the text that they spell.
  case byteFallback
  /// Joins all pieces to one.
  case fuse
  /// Takes at most so many of a scalar from the beginning and the end of each piece.
  case strip(Unicode.Scalar, start: Int, end: Int)
  /// One after the other.
  case sequence([TokenDecoder])

  /// Returns the text of the tokens.
  public func decode(_ tokens: [String]) -> String { parts(of: tokens).joined() }

  /// Returns the text of the tokens, in parts that a further decoder may change.
  private func parts(of tokens: [String]) -> [String] {
    switch self {
    case .wordPiece(let decoder): [decoder.decode(tokens)]
    case .byteLevel: [ByteLevelDecoder.decode(tokens)]
    case .suffix(let decoder): [decoder.decode(tokens)]
    case .metaspace(let metaspace): metaspace.decode(tokens)
    case .replace(let replacement): tokens.map { Normalizer.replace(replacement).normalize($0) }
    case .byteFallback: ByteFallbackDecoder.decode(tokens)
    case .fuse: [tokens.joined()]
    case .strip(let scalar, let start, let end):
      tokens.map { Self.stripped($0, of: scalar, start, end) }
    case .sequence(let decoders): decoders.reduce(tokens) { $1.parts(of: $0) }
    }
  }

  private static func stripped(
    _ token: String, of scalar: Unicode.Scalar, _ start: Int, _ end: Int
  ) -> String {
    var scalars = token.unicodeScalars[...]
    for _ in 0..<start where scalars.first == scalar { scalars.removeFirst() }
    for _ in 0..<end where scalars.last == scalar { scalars.removeLast() }
    return String(String.UnicodeScalarView(scalars))
  }
}

extension Metaspace {
  fileprivate func decode(_ tokens: [String]) -> [String] {
    tokens.enumerated().map { index, token in
      var text = String.UnicodeScalarView()
      for scalar in token.unicodeScalars {
        if scalar != replacement {
          text.append(scalar)
        } else if index > 0 || prefix == .never {
          text.append(" ")
        }
      }
      return String(text)
    }
  }
}
