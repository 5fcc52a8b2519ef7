// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Why a tokenizer cannot be loaded, saved or trained.
///
/// What is wrong inside a JSON file comes as `JSONError` or `JSONFieldError`, with its line or key.
public enum TokenizerError: AttuneError, Equatable {
  /// A folder holds none of the files that a tokenizer is read from.
  case noTokenizer(folder: String, expected: [String])
  /// A folder lacks files that are needed together.
  case incomplete(folder: String, missing: [String])
  /// A file is larger than any tokenizer.
  case fileTooLarge(file: String, bytes: Int, limit: Int)
  /// The bytes are not UTF-8.
  case invalidUTF8(file: String, line: Int)
  /// The file starts with a byte order mark, which would become part of the first token.
  case byteOrderMark(file: String)
  /// A token stands on two lines.
  case duplicateToken(file: String, line: Int, firstLine: Int, token: String)
  /// A line between tokens is empty.
  case emptyToken(file: String, line: Int)
  /// A token is longer than the limit.
  case tokenTooLong(file: String, line: Int, bytes: Int, limit: Int)
  /// A line of `merges.txt` is no merge of tokens of the vocabulary.
  case invalidMerge(file: String, line: Int, problem: String)
  /// There are more merges than the limit.
  case tooManyMerges(file: String, limit: Int)
  /// An added token has an id that it cannot have.
  case misplacedToken(file: String, problem: String)
  /// There are more tokens than the limit.
  case tooManyTokens(file: String, limit: Int)
  /// A token that the tokenizer cannot do without is not in the vocabulary.
  case missingToken(file: String, token: String, count: Int)
  /// A SentencePiece model is malformed, or of a kind that is not read.
  case unsupportedModel(file: String, problem: String)
  /// A token cannot stand in a file of one token a line.
  case lineBreakInToken(id: Int32)
  /// The training texts hold no word.
  case noWords(texts: Int)
  /// The wished size has no room for special tokens and single characters.
  case vocabularyTooSmall(size: Int, special: Int, characters: Int)
  /// A setting of the trainer is out of bounds.
  case invalidSetting(name: String, value: Int, expected: String)
  /// The special tokens of the trainer lack one, or hold one twice.
  case invalidSpecialTokens([String], problem: String)

  /// Files are data errors, settings are usage errors, a missing tokenizer is missing input.
  public var exitCode: ExitStatus {
    switch self {
    case .noTokenizer, .incomplete: .noInput
    case .vocabularyTooSmall, .invalidSetting, .invalidSpecialTokens: .usage
    default: .data
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .noTokenizer(let folder, let expected):
      "\(folder): no tokenizer found. Expected one of: \(expected.joined(separator: ", "))."
    case .incomplete(let folder, let missing):
      "\(folder): the tokenizer lacks \(missing.joined(separator: " and ")). "
        + "Copy it from where the model came from."
    case .fileTooLarge(let file, let bytes, let limit):
      "\(file): \(bytes) bytes, more than the limit of \(limit) bytes for a tokenizer file."
    case .invalidUTF8(let file, let line):
      "\(file):\(line): not valid UTF-8. Save the file as UTF-8."
    case .byteOrderMark(let file):
      "\(file): starts with a byte order mark. Save the file as UTF-8 without it."
    case .duplicateToken(let file, let line, let firstLine, let token):
      "\(file):\(line): the token '\(token)' stands already on line \(firstLine); "
        + "each token must stand on one line only."
    case .emptyToken(let file, let line):
      "\(file):\(line): an empty line between tokens. The id of a token is its line: "
        + "expected a token on every line."
    case .tokenTooLong(let file, let line, let bytes, let limit):
      "\(file):\(line): a token of \(bytes) bytes, expected at most \(limit)."
    case .invalidMerge(let file, let line, let problem): "\(file):\(line): \(problem)"
    case .tooManyMerges(let file, let limit):
      "\(file): more than \(limit) merges, the limit for a tokenizer."
    case .misplacedToken(let file, let problem): "\(file): \(problem)"
    case .tooManyTokens(let file, let limit):
      "\(file): more than \(limit) tokens, the limit for a vocabulary."
    case .missingToken(let file, let token, let count):
      "\(file): the token '\(token)' is not among the \(count) tokens. Add it, or name "
        + "the one that takes its part in tokenizer_config.json."
    case .unsupportedModel(let file, let problem): "\(file): \(problem)"
    case .lineBreakInToken(let id):
      "token \(id) holds a line break, which vocab.txt cannot hold."
    case .noWords(let texts):
      "the \(texts) training texts hold no word. Expected at least one text with letters."
    case .vocabularyTooSmall(let size, let special, let characters):
      "a vocabulary of \(size) is too small: \(special) special tokens and \(characters) "
        + "single characters must fit. Ask for at least \(special + characters), "
        + "or limit the alphabet."
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value), expected \(expected)."
    case .invalidSpecialTokens(let tokens, let problem):
      "special tokens \(tokens.map { "'\($0)'" }.joined(separator: ", ")): \(problem)."
    }
  }
}
