// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// `merges.txt`: two tokens a line with a space between, the most important first.
enum MergesFile {
  /// Reads the lines; a first line that begins with `#version` is no merge.
  static func read(
    _ bytes: [UInt8], _ vocabulary: Vocabulary, file: String
  ) throws(TokenizerError) -> [BPE.Merge] {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw .fileTooLarge(file: file, bytes: bytes.count, limit: TokenizerLimits.fileBytes)
    }
    if let offset = UTF8Check.firstInvalidOffset(in: bytes) {
      throw .invalidUTF8(file: file, line: 1 + bytes[..<offset].count { $0 == 0x0A })
    }
    var merges: [BPE.Merge] = []
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || (index == 0 && line.starts(with: Array("#version".utf8))) { continue }
      guard merges.count < TokenizerLimits.merges else {
        throw .tooManyMerges(file: file, limit: TokenizerLimits.merges)
      }
      let text = String(decoding: line, as: UTF8.self)
      switch MergeReader.merge(line: text, vocabulary, after: []) {
      case .success(let merge): merges.append(merge)
      case .failure(let problem):
        throw .invalidMerge(file: file, line: index + 1, problem: problem.text)
      }
    }
    return merges
  }
}
