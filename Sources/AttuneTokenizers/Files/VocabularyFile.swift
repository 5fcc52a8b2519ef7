// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// `vocab.txt`: one token a line, its id is its line counted from zero.
enum VocabularyFile {
  /// Reads the lines; lines may end in LF or CR LF, and the last may lack its end.
  static func read(_ bytes: [UInt8], file: String) throws(TokenizerError) -> Vocabulary {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw .fileTooLarge(file: file, bytes: bytes.count, limit: TokenizerLimits.fileBytes)
    }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { throw .byteOrderMark(file: file) }
    if let offset = UTF8Check.firstInvalidOffset(in: bytes) {
      throw .invalidUTF8(file: file, line: 1 + bytes[..<offset].count { $0 == 0x0A })
    }
    let result = bytes.withUnsafeBufferPointer { lines(of: $0, file: file) }
    return try result.get()
  }

  private static func lines(
    of bytes: UnsafeBufferPointer<UInt8>, file: String
  ) -> Result<Vocabulary, TokenizerError> {
    var vocabulary = Vocabulary()
    var emptyLine: Int?
    var line = 0
    var start = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      var token = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if token.last == 0x0D { token = UnsafeBufferPointer(rebasing: token.dropLast()) }
      start = end + 1
      guard !token.isEmpty else {
        emptyLine = emptyLine ?? line
        continue
      }
      if let emptyLine { return .failure(.emptyToken(file: file, line: emptyLine)) }
      guard token.count <= TokenizerLimits.tokenBytes else {
        return .failure(
          .tokenTooLong(
            file: file, line: line, bytes: token.count, limit: TokenizerLimits.tokenBytes))
      }
      guard vocabulary.count < TokenizerLimits.tokens else {
        return .failure(.tooManyTokens(file: file, limit: TokenizerLimits.tokens))
      }
      let (id, isNew) = vocabulary.insert(token)
      guard isNew else {
        return .failure(
          .duplicateToken(
            file: file, line: line, firstLine: Int(id) + 1,
            token: String(decoding: token, as: UTF8.self)))
      }
    }
    return .success(vocabulary)
  }

  /// Returns the file of a vocabulary.
  static func write(_ vocabulary: Vocabulary) throws(TokenizerError) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in vocabulary.indices {
      let token = vocabulary[id]
      guard !token.contains(0x0A), !token.contains(0x0D) else { throw .lineBreakInToken(id: id) }
      bytes += token
      bytes.append(0x0A)
    }
    return bytes
  }
}
