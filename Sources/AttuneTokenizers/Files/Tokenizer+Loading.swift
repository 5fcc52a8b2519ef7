// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Tokenizer {
  /// Reads the bytes of a `tokenizer.json`; `source` names them in errors.
  public init(tokenizerJSON bytes: [UInt8], source: String = "tokenizer.json") throws {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw TokenizerError.fileTooLarge(
        file: source, bytes: bytes.count, limit: TokenizerLimits.fileBytes)
    }
    let document = JSONField(try JSONValue(parsing: bytes, source: source), source: source)
    self = try TokenizerFile.read(document, configuration: TokenizerConfiguration())
  }
}
