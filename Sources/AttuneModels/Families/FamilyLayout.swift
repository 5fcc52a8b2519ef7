// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// Everything that tells one family of encoders from another: keys of `config.json`, names of tensors, shape of heads.
struct FamilyLayout: Sendable {
  /// Our name of a tensor and theirs, as in `ParameterNameMap`.
  typealias Name = (ours: String, theirs: String)

  /// How the family turns the state of the first token into scores of labels.
  struct ClassifierHead: Sendable {
    /// Between the two maps.
    var activation = Activation.tanh
    /// Whether dropout stands before the first map, too.
    var dropsInput = false
    /// The key of the dropout rate in `config.json`; nil: it is that of the layers.
    var dropoutKey: String? = "classifier_dropout"
    /// The rate when the key is missing; nil: that of the layers.
    var defaultDropout: Float?
    /// Whether a norm stands between the two maps.
    var hasNorm = false
    /// The key of the pooling in `config.json`; nil: it is always the first token's state.
    var poolingKey: String?
    /// Their names of the kinds of pooling; the first is the default.
    var poolings: [(name: String, kind: PoolingKind)] = [("cls", .first)]
  }

  /// Their names of the output layer over the vocabulary.
  struct OutputNames: Sendable {
    /// Missing when the layer is the token table.
    let weight: String
    /// The bias as files with a tied layer have it.
    let bias: String
    /// The bias beside a weight of its own, where it is called otherwise.
    var weightBias: String?
  }

  /// What the names of transformers' classes begin with: `Bert`.
  let classPrefix: String
  /// What the encoder's names begin with in files with a head; files of encoders alone leave it out.
  let prefix: String
  /// The encoder's tensors.
  let encoder: [Name]
  /// Tensors of theirs that hold several of the encoder's, one below the other.
  var stacked: [(ours: [String], theirs: String)] = []
  /// The tensors of `head.pooler` and `head.classifier` of a classifier.
  let classifier: [Name]
  /// The tensors of `head.dense` and `head.norm` of a masked-token model.
  let maskedTokens: [Name]
  /// The output layer of a masked-token model.
  let output: OutputNames
  /// The tensors of `nextSentence`, in the family that learns which text follows another.
  var nextSentence: [Name] = []
  /// Between the map and the norm of a masked-token head; nil: the layers' activation.
  var maskedTokenActivation: Activation?
  /// How labels are scored.
  var classifierHead = ClassifierHead()
  /// Whether the first token has the position after the padding token's id.
  var countsPositionsFromPadding = false
  /// Reads what `config.json` says of the encoder.
  let read: @Sendable (JSONField) throws(JSONFieldError) -> EncoderConfiguration
  /// The keys of `config.json` that describe the encoder.
  let members: @Sendable (EncoderConfiguration) -> [(String, JSONValue)]
  /// Whether the family's own classes can hold such an encoder.
  let fits: @Sendable (EncoderConfiguration) -> Bool

  /// Their name of the layer with a row for each label.
  var labelLayer: String? { classifier.first { $0.ours == "head.classifier.{p}" }?.theirs }

  /// The names in a file of which the given head is used; what belongs to other heads is left out.
  func names(for head: ModelHead) -> ParameterNameMap {
    let used: [Name] =
      switch head {
      case .sequenceClassification: classifier
      case .maskedTokens: maskedTokens
      case .none, .other: []
      }
    var rules = (encoder + used).map { ParameterNameMap.Rule.rename($0.ours, $0.theirs) }
    rules += stacked.map { .stack($0.ours, $0.theirs) }
    let reason = head == .none ? "the encoder alone is used" : "it belongs to another head"
    let heads =
      (classifier + maskedTokens).map(\.theirs) + output.all + Self.otherHeads
      + ["\(prefix)pooler.{p...}"]
    rules += heads.map { .ignore($0, because: reason) }
    rules += ["position_ids", "token_type_ids"].map {
      .ignore(
        "\(prefix)embeddings.\($0)", because: "positions and segments are counted, not stored")
    }
    let names = ParameterNameMap(
      rules, optionalPrefix: prefix, oldSpellings: ["gamma": "weight", "beta": "bias"])
    return head == .none ? names.writingWithoutPrefix() : names
  }

  /// Heads of questions and of next sentences, which no family uses here.
  private static let otherHeads = [
    "qa_outputs.{p}", "cls.seq_relationship.{p}", "classifier.{p...}",
  ]
}

extension FamilyLayout.OutputNames {
  var all: [String] { [weight, bias] + (weightBias.map { [$0] } ?? []) }
}
