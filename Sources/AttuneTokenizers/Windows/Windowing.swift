// SPDX-License-Identifier: Apache-2.0

/// How a text beyond a model's window is read: by windows of one length that overlap.
public struct Windowing: Sendable, Hashable {
  /// Tokens of a window, special ones included.
  public let length: Int
  /// Tokens from the beginning of a window to that of the next.
  public let stride: Int

  /// Windows of `length` tokens that begin `stride` tokens apart; without a stride, half a window.
  public init(length: Int, stride: Int? = nil) {
    precondition(length > 1, "windows of \(length) tokens")
    precondition(stride ?? 1 > 0, "windows \(stride ?? 1) tokens apart")
    self.length = length
    self.stride = stride ?? length / 2
  }
}
