// SPDX-License-Identifier: Apache-2.0

extension Tokenizer {
  /// Returns the text of the ids; ids that no token has are left out.
  ///
  /// What normalisation took away (capitals, accents, spacing) does not come back.
  public func decode(_ ids: [Int32], skipsSpecialTokens: Bool = true) -> String {
    let tokens = ids.compactMap { id in
      skipsSpecialTokens && specialIDs.contains(id) ? nil : token(of: id)
    }
    return decoder?.decode(tokens) ?? tokens.joined(separator: " ")
  }
}
