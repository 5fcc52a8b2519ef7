// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneModels
internal import AttuneTokenizers

extension TextEmbedding {
  /// Names of the prompts that the model was trained with.
  public var promptNames: [String] { configuration.prompts.map(\.name) }

  /// What is put before texts when nobody says which prompt; empty for most models.
  public var defaultPrompt: String {
    configuration.prompts.first { $0.name == configuration.defaultPromptName }?.text ?? ""
  }

  /// Returns the text of a prompt.
  public func prompt(named name: String) throws(UnknownPromptError) -> String {
    guard let prompt = configuration.prompts.first(where: { $0.name == name }) else {
      throw UnknownPromptError(name: name, known: promptNames)
    }
    return prompt.text
  }

  /// Tokens that a prompt puts at the start of each text, special ones before it included.
  func promptLength(_ prompt: String) -> Int {
    guard !prompt.isEmpty else { return 0 }
    let encoding = tokenizer.encode(prompt)
    return encoding.ids.count - (encoding.isSpecial.last == true ? 1 : 0)
  }
}

/// A prompt that a model does not have.
public struct UnknownPromptError: AttuneError, Equatable {
  /// What was asked for.
  public let name: String
  /// The prompts that the model has.
  public let known: [String]

  /// The command line is wrong.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    let list =
      known.isEmpty
      ? "The model has none; --prompt TEXT puts any text before the others."
      : "The model has \(known.joined(separator: ", "))."
    return "there is no prompt '\(name)'.\(EditDistance.suggestion(for: name, in: known)) \(list)"
  }
}
