// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Which part of its vocabulary a converted model keeps.
public struct VocabularyChoice: Sendable, Hashable {
  /// Tokens to keep, special ones included; fewer when the texts use fewer.
  public var size: Int
  /// Files of texts: the tokens that they use most are kept. Each file counts as much as any other, whatever its size.
  public var texts: [String]
  /// Column or key of the texts in tables; nil: it is found out.
  public var column: String?

  /// A choice by the texts of files.
  public init(size: Int, texts: [String], column: String? = nil) {
    (self.size, self.texts, self.column) = (size, texts, column)
  }
}

/// A model with some of its tokens: the rows of the others leave its tables, and words of theirs are cut into smaller pieces. Texts that
/// use kept tokens alone give the same results as before.
struct VocabularyReduction {
  /// The tokenizer of the kept tokens.
  let tokenizer: Tokenizer
  /// What was found, for people.
  let note: String
  private let kept: [Int32]
  private let tensors: Set<String>

  /// Counts the tokens of the texts.
  init(_ choice: VocabularyChoice, of source: EncoderFolder, _ monitor: RecipeMonitor) throws {
    let whole = try Tokenizer(contentsOf: source.folder.encoderPath)
    try SettingError.require(!choice.texts.isEmpty, "--vocabulary", choice.size, "texts beside it")
    var use = [Double](repeating: 0, count: whole.vocabularySize)
    for path in choice.texts {
      var settings = PretrainingSettings()
      settings.column = choice.column
      let counts = try PretrainingCorpus([path], settings).tokens(whole, monitor).counts
      let total = Double(max(1, counts.reduce(0, +)))
      for (id, count) in counts.enumerated() { use[id] += Double(count) / total }
    }
    let (kept, required) = whole.mostUsedTokens(use, size: choice.size)
    try SettingError.require(
      choice.size >= required, "--vocabulary", choice.size,
      "\(required) at least, for the special tokens and the characters of the texts")
    try SettingError.require(
      Int(kept.last ?? 0) < source.configuration.vocabularySize, "--vocabulary",
      "a tokenizer of \(whole.vocabularySize) tokens",
      "one for the \(source.configuration.vocabularySize) rows of the model's table")
    guard let tokenizer = try whole.keeping(kept) else {
      throw SettingError(
        setting: "--vocabulary", found: "\(source.folder.path), whose tokenizer is of another make",
        expected: "a model with BERT's tokenizer of word pieces")
    }
    (self.kept, self.tokenizer, tensors) = (kept, tokenizer, source.vocabularyTensors)
    let covered = kept.reduce(0) { $0 + use[Int($1)] } / max(use.reduce(0, +), 1e-30)
    note =
      "vocabulary: \(kept.count.grouped) of \(whole.vocabularySize.grouped) tokens, "
      + "\((1_000 * covered).rounded() / 10) % of what the texts use; the rest is cut into smaller pieces"
  }

  /// Drops the rows of tokens that are not kept.
  func reduce(_ tensor: NamedTensor) -> NamedTensor {
    guard tensors.contains(tensor.name) else { return tensor }
    let values = tensor.tensor
    return NamedTensor(
      tensor.name,
      values.shape.count > 1
        ? values.rows(kept) : Tensor(kept.map { values.values[Int($0)] }, shape: [kept.count]))
  }

  /// `config.json` with the new size and the new ids of special tokens.
  func reduce(_ configuration: JSONValue) -> JSONValue {
    guard var document = configuration.objectValue else { return configuration }
    document["vocab_size"] = .integer(kept.count)
    for key in ["pad", "unk", "cls", "sep", "mask", "bos", "eos"].map({ "\($0)_token_id" }) {
      guard case .integer(let old)? = document[key] else { continue }
      document[key] = kept.firstIndex(of: Int32(old)).map { .integer($0) } ?? .null
    }
    return .object(document)
  }
}
