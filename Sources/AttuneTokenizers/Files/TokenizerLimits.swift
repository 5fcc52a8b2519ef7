// SPDX-License-Identifier: Apache-2.0

/// What a tokenizer file may hold at most: several times what any published one does.
enum TokenizerLimits {
  static let fileBytes = 64 << 20
  static let tokens = 1 << 20
  static let tokenBytes = 4096
  static let addedTokens = 1 << 16
  static let templateItems = 64
}
