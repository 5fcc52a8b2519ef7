// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTokenizers

extension Translation {
  /// How a translation is looked for: all of `WritingOptions`, whose members are members here, and what concerns sources.
  @dynamicMemberLookup
  public struct Options: Sendable, Hashable {
    /// How the text is written.
    public var writing = WritingOptions()
    /// Most tokens of a source that are read.
    public var maximumSourceLength = 1024
    /// Whether an unknown token becomes the source token that it attends to most.
    public var replacesUnknown = false

    /// Everything as the model's folder says.
    public init() {}

    /// A member of `writing`.
    public subscript<Value>(dynamicMember member: WritableKeyPath<WritingOptions, Value>) -> Value {
      get { writing[keyPath: member] }
      set { writing[keyPath: member] = newValue }
    }
  }

  /// Prepares a search.
  func plan(_ options: Options) -> WritingSearch<TransformerTranslator> {
    WritingSearch(
      writer, vocabulary, options.writing, parameterCount: parameterCount,
      observes: options.returnsAlignment || options.replacesUnknown)
  }

  var vocabulary: WritingVocabulary {
    WritingVocabulary(
      tokenizer: tokenizers.target, tokens: configuration.tokens,
      entryCount: configuration.vocabularySize, maximumLength: configuration.maximumLength,
      generation: generation)
  }
}
