// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats
public import AttuneLayers
public import AttuneTensors

extension ClassifierFolder {
  /// Reads what an encoder's folder says of a classifier that is to grow from it.
  ///
  /// A classifier keeps the way from states to labels, and a text embedder its pooling; the states of any other encoder are averaged.
  public static func configuration(
    adapting folder: ModelFolder, labels: [String]
  ) throws -> ClassifierConfiguration {
    let json = try folder.configuration()
    if try json.isOwnClassifier { return try ClassifierConfiguration(attune: json) }
    let family = try EncoderFamily(modelTypeIn: json, or: [ClassifierConfiguration.ownModelType])
    let isEmbedder = folder.has(EmbedderModules.file)
    let isClassifier =
      try !isEmbedder && json.has("architectures")
      && json.strings(at: "architectures").contains(
        family.architecture(with: .sequenceClassification))
    let pooling: PoolingKind =
      try isEmbedder
      ? SentenceTransformersFolder.pooling(of: folder)
      : isClassifier ? family.layout.classifierHead.pooling(in: json) : .mean
    let encoder = try family.layout.read(json)
    return ClassifierConfiguration(
      encoder: encoder, pooling: pooling, hasPooler: isClassifier,
      headDropout: try encoder.headDropout(in: json), labels: labels)
  }

  /// Reads the encoder of a folder into a classifier whose head is new.
  public static func model(
    adapting folder: ModelFolder, _ configuration: ClassifierConfiguration, key: RandomKey
  ) throws -> TextClassifier {
    let weights = try folder.weights()
    try configuration.requirePlausible(weights)
    var model = TextClassifier(withNewHead: configuration, key: key)
    try model.load(from: weights, names: names(adapting: folder, configuration)) {
      $0.hasPrefix("head.") || $0.hasPrefix("pooling.")
    }
    return model
  }

  private static func names(
    adapting folder: ModelFolder, _ configuration: ClassifierConfiguration
  ) throws -> ParameterNameMap {
    let layout = configuration.encoder.family.layout
    let isOwn = try folder.configuration().isOwnClassifier
    let head = isOwn ? "head.classifier.{p}" : layout.labelLayer
    let names: ParameterNameMap =
      isOwn
      ? .identity : layout.names(for: configuration.hasPooler ? .sequenceClassification : .none)
    return names.preceded(by: head.map { [.ignore($0, because: "the head is new")] } ?? [])
  }
}
