// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// Reads one merge of byte-pair encoding.
enum MergeReader {
  /// What is wrong with a merge.
  struct Problem: Error {
    let text: String
  }

  /// Reads `"a b"` or `["a", "b"]`.
  static func merge(
    _ value: JSONValue, _ vocabulary: Vocabulary, after prefix: [UInt8]
  ) -> Result<BPE.Merge, Problem> {
    switch value {
    case .string(let line): return merge(line: line, vocabulary, after: prefix)
    case .array(let pair):
      guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
      else { break }
      return merge(Array(left.utf8), Array(right.utf8), vocabulary, after: prefix)
    default: break
    }
    return .failure(Problem(text: "expected two tokens, as 'a b' or as an array."))
  }

  /// Reads two tokens with a space between.
  static func merge(
    line: String, _ vocabulary: Vocabulary, after prefix: [UInt8]
  ) -> Result<BPE.Merge, Problem> {
    let parts = line.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return .failure(
        Problem(
          text: "'\(TokenizerFile.shortened(line))' has \(parts.count) parts, expected two tokens "
            + "with a space between."))
    }
    return merge(Array(parts[0]), Array(parts[1]), vocabulary, after: prefix)
  }

  private static func merge(
    _ left: [UInt8], _ right: [UInt8], _ vocabulary: Vocabulary, after prefix: [UInt8]
  ) -> Result<BPE.Merge, Problem> {
    guard right.starts(with: prefix) else {
      return .failure(
        Problem(
          text: "\(quoted(right)) does not begin with the prefix of pieces inside words, "
            + "\(quoted(prefix))."))
    }
    var ids: [Int32] = []
    for token in [left, right, left + right.dropFirst(prefix.count)] {
      guard let id = token.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) else {
        return .failure(
          Problem(
            text: "\(quoted(left)) and \(quoted(right)) merge, but \(quoted(token)) is not "
              + "among the \(vocabulary.count) tokens of the vocabulary."))
      }
      ids.append(id)
    }
    return .success(BPE.Merge(left: ids[0], right: ids[1], result: ids[2]))
  }

  private static func quoted(_ token: [UInt8]) -> String {
    "'\(TokenizerFile.shortened(String(decoding: token, as: UTF8.self)))'"
  }
}
