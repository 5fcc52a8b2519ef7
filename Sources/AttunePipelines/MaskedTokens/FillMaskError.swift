// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneModels

/// Why masks cannot be filled.
public struct FillMaskError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The model has no head for masked tokens.
    case noHead(found: ModelHead)
    /// The tokenizer knows no mask.
    case noMaskToken
    /// A text holds no mask.
    case noMask(text: String, number: Int, token: String)
    /// A text has more tokens than the model has positions.
    case tooLong(text: String, number: Int, tokens: Int, limit: Int)
  }

  /// The folder, where it is at fault.
  public let path: String
  /// What is wrong.
  public let problem: Problem

  init(path: String = "", _ problem: Problem) { (self.path, self.problem) = (path, problem) }

  /// The folder or the text is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    switch problem {
    case .noHead(let head):
      "\(path): its head is \(head.summary), expected one for masked tokens. "
        + "'attune pretrain TEXTS --from \(path) --output DIR' trains one."
    case .noMaskToken:
      "\(path): the tokenizer has no mask token, so no text can have a mask. "
        + "Use the tokenizer that the model was pretrained with."
    case .noMask(let text, let number, let token):
      "text \(number) (\(Self.shown(text))): there is no mask to fill, expected \(token) "
        + "where a token is to be guessed."
    case .tooLong(let text, let number, let tokens, let limit):
      "text \(number) (\(Self.shown(text))): found \(tokens) tokens, expected \(limit) at most, "
        + "the positions of the model. Cut the text around its mask."
    }
  }

  private static func shown(_ text: String) -> String {
    text.count > 40 ? "'\(text.prefix(40))…'" : "'\(text)'"
  }
}
