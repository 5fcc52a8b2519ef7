// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// A masked-token model as read from a folder of transformers' `BertForMaskedLM` and its relatives.
public struct MaskedTokenFolder: Sendable {
  /// The encoder's sizes.
  public let configuration: EncoderConfiguration
  /// The model; its output layer is the token table unless the file holds another one.
  public let model: MaskedLanguageModel
  /// What the file holds and is not used, and what is odd about it.
  public let report: ParameterLoadingReport

  /// Reads a model; everything is checked before anything is returned.
  ///
  /// - Parameter readsNextSentence: Whether a head for next sentences is wanted, too, where the file holds one.
  public init(_ folder: ModelFolder, readsNextSentence: Bool = false) throws {
    let source = try EncoderFolder(folder)
    let json = try folder.configuration()
    guard source.head == .maskedTokens else {
      throw try json.field(at: "architectures").error(
        "found \(source.architectures), expected '\(source.family.architecture(with: .maskedTokens))'."
      )
    }
    let layout = source.family.layout
    var names = layout.names(for: .maskedTokens)
    let output = try StoredOutput(
      source.weights, layout, names, isTied: json.optionalBool(at: "tie_word_embeddings") ?? true)
    names = names.preceded(by: output.rules)
    var model = MaskedLanguageModel(
      source.configuration, isTied: output.isTied, key: .blank)
    let pairNames = names.preceded(by: layout.nextSentence.map { .rename($0.ours, $0.theirs) })
    if readsNextSentence, source.weights.holds("nextSentence.", in: pairNames) {
      names = pairNames
      model.nextSentence = NextSentenceHead(
        dimension: source.configuration.layer.modelDimension, key: .blank)
    }
    report = try model.load(from: source.weights, names: names)
    (configuration, self.model) = (source.configuration, model)
  }

  /// Writes a model as the family's class for masked tokens; a head for next sentences stands beside it, as in the files of BERT.
  ///
  /// - Parameters:
  ///   - members: Further keys of `config.json`.
  public static func write(
    _ model: MaskedLanguageModel, _ configuration: EncoderConfiguration,
    members: [(String, JSONValue)] = [], storage: WeightStorage = .float32,
    with writer: ModelFolderWriter
  ) throws {
    precondition(configuration.fitsFamily, "\(configuration.family) cannot hold this encoder")
    precondition(
      model.nextSentence == nil || configuration.family.hasNextSentence,
      "\(configuration.family) has no place for next sentences")
    let isTied = model.head.output == nil
    try writer.write(
      configuration.json(
        head: .maskedTokens, storage, [("tie_word_embeddings", .bool(isTied))] + members),
      to: ModelFolder.configurationFile)
    let layout = configuration.family.layout
    let names = layout.names(for: .maskedTokens).preceded(
      by: [
        .rename("head.output", layout.output.weight),
        .rename("head.outputBias", layout.output.bias),
      ] + layout.nextSentence.map { .rename($0.ours, $0.theirs) })
    var tensors = try model.namedTensors(in: names)
    if !isTied, let name = layout.output.weightBias, let bias = model.head.outputBias {
      // Where the layer has a weight of its own, it has a bias of its own, too.
      tensors.append((name, bias))
    }
    try writer.write(tensors, storage: storage)
  }
}

/// What a file says of the output layer. It may hold the token table again, another table, or neither.
private struct StoredOutput {
  let isTied: Bool
  let rules: [ParameterNameMap.Rule]

  init(
    _ weights: any TensorSource, _ layout: FamilyLayout, _ names: ParameterNameMap, isTied: Bool
  ) throws {
    let stored = weights.tensors.map(\.name)
    let output = layout.output
    let ownBias = output.weightBias.flatMap { stored.contains($0) ? $0 : nil }
    var rules: [ParameterNameMap.Rule] = [.rename("head.outputBias", ownBias ?? output.bias)]
    if ownBias != nil {
      rules.append(.ignore(output.bias, because: "the output layer's own bias takes its place"))
    }
    let holdsWeight = stored.contains(output.weight)
    let table = stored.first { names.meaning(of: $0) == .ours(Self.tableName) }
    // As in transformers, two tables that differ are two tables, whatever the configuration says.
    if isTied, holdsWeight, let table {
      self.isTied = try weights.isEqual(output.weight, table)
    } else {
      self.isTied = isTied
    }
    rules.append(
      self.isTied
        ? .ignore(output.weight, because: "it is the token table again")
        : .rename("head.output", output.weight))
    self.rules = rules
  }

  private static let tableName = "encoder.embeddings.token.weight"
}

extension TensorSource {
  /// Whether a tensor's name of ours begins so.
  fileprivate func holds(_ prefix: String, in names: ParameterNameMap) -> Bool {
    tensors.contains { tensor in
      if case .ours(let name) = names.meaning(of: tensor.name) {
        name.hasPrefix(prefix)
      } else {
        false
      }
    }
  }

  fileprivate func isEqual(_ first: String, _ second: String) throws -> Bool {
    let shapes = [first, second].map { name in tensors.first { $0.name == name }?.shape }
    guard shapes[0] == shapes[1] else { return false }
    return try tensor(named: first).values == tensor(named: second).values
  }
}
