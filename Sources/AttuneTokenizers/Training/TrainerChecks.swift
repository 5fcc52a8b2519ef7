// SPDX-License-Identifier: Apache-2.0

/// What the settings of all trainers must keep.
enum TrainerChecks {
  static func check(vocabularySize: Int) throws(TokenizerError) {
    let limit = TokenizerLimits.tokens
    guard 1...limit ~= vocabularySize else {
      throw .invalidSetting(
        name: "vocabularySize", value: vocabularySize, expected: "1 to \(limit)")
    }
  }

  static func check(minimumFrequency: Int) throws(TokenizerError) {
    guard minimumFrequency >= 1 else {
      throw .invalidSetting(
        name: "minimumFrequency", value: minimumFrequency, expected: "at least 1")
    }
  }

  static func check(alphabetLimit: Int) throws(TokenizerError) {
    guard alphabetLimit >= 1 else {
      throw .invalidSetting(name: "alphabetLimit", value: alphabetLimit, expected: "at least 1")
    }
  }

  static func check(
    specialTokens: [String], required: [String]
  ) throws(TokenizerError) {
    for name in required where !specialTokens.contains(name) {
      throw .invalidSpecialTokens(specialTokens, problem: "'\(name)' is missing")
    }
    guard Vocabulary(specialTokens).count == specialTokens.count,
      specialTokens.allSatisfy({ !$0.isEmpty && $0.utf8.count <= TokenizerLimits.tokenBytes })
    else {
      throw .invalidSpecialTokens(specialTokens, problem: "expected different, short texts")
    }
  }
}

extension SpecialTokens {
  /// The parts of tokens by their usual names, those of BERT or of RoBERTa.
  init(usualAmong names: [String]) {
    self.init()
    for usual in [SpecialTokens.bert, .roberta] {
      for (_, path) in Self.parts {
        guard self[keyPath: path] == nil, let name = usual[keyPath: path], names.contains(name)
        else { continue }
        self[keyPath: path] = name
      }
    }
  }
}

extension Vocabulary {
  mutating func insert(_ tokens: some Sequence<[UInt8]>) {
    for token in tokens { _ = token.withUnsafeBufferPointer { insert($0) } }
  }
}
