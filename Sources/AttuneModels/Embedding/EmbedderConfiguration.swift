// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Everything that determines an embedder's shape, and how texts are prepared for it.
public struct EmbedderConfiguration: Sendable, Hashable {
  /// A map behind the pooling.
  public struct Dense: Sendable, Hashable {
    /// Columns that go in.
    public var inputDimension: Int
    /// Columns that come out.
    public var outputDimension: Int
    /// Whether something is added to each column.
    public var hasBias: Bool
    /// Of the result.
    public var activation: Activation

    /// A map of these sizes.
    public init(
      inputDimension: Int, outputDimension: Int, hasBias: Bool = true,
      activation: Activation = .tanh
    ) {
      self.inputDimension = inputDimension
      self.outputDimension = outputDimension
      self.hasBias = hasBias
      self.activation = activation
    }
  }

  /// A text that is put before others, by what they are for.
  public struct Prompt: Sendable, Hashable {
    /// What it is called.
    public var name: String
    /// The text itself.
    public var text: String

    /// A prompt of a name.
    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// The encoder's sizes.
  public var encoder: EncoderConfiguration
  /// How states become one vector; the vectors of several are joined.
  public var poolings: [PoolingKind]
  /// Whether the tokens of a prompt are pooled too.
  public var includesPrompt = true
  /// Maps behind the pooling, in order.
  public var denses: [Dense]
  /// Whether vectors have length 1.
  public var normalizes: Bool
  /// Most tokens of a text, special ones included; nil: as many as the encoder takes.
  public var maximumLength: Int?
  /// Whether texts become lowercase, whatever the tokenizer does.
  public var lowercases = false
  /// The prompts that the model was trained with.
  public var prompts: [Prompt] = []
  /// The prompt that is used when nobody chooses one.
  public var defaultPromptName: String?
  /// How its vectors are compared.
  public var similarity = EmbeddingSimilarity.cosine

  /// The configuration of an embedder.
  public init(
    encoder: EncoderConfiguration, poolings: [PoolingKind] = [.mean], denses: [Dense] = [],
    normalizes: Bool = true
  ) {
    precondition(!poolings.isEmpty, "an embedder without pooling")
    self.encoder = encoder
    self.poolings = poolings
    self.denses = denses
    self.normalizes = normalizes
  }

  /// Numbers of a vector behind the pooling.
  public var pooledDimension: Int { encoder.layer.modelDimension * poolings.count }

  /// Numbers of an embedding.
  public var dimension: Int { denses.last?.outputDimension ?? pooledDimension }
}
