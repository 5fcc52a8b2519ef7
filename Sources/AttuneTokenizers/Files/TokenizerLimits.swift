// SPDX-License-Identifier: Apache-2.0

/// What a tokenizer file may hold at most: several times what any published one does.
enum TokenizerLimits {
  static let fileBytes = 64 << 20
  static let tokens = 1 << 20
  static let tokenBytes = 4096
  static let addedTokens = 1 << 16
  static let addedBytes = 1 << 20
  static let merges = 1 << 21
  static let patternBytes = 256
  static let templateItems = 64
}
