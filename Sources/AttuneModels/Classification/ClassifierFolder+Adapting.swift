// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats
public import AttuneLayers
public import AttuneTensors

extension ClassifierFolder {
  /// Reads what an encoder's folder says of a classifier that is to grow from it: a classifier with another head, a text embedder
  /// or a bare BERT. Without a pooling of its own the encoder's states are averaged.
  public static func configuration(
    adapting folder: ModelFolder, labels: [String]
  ) throws -> ClassifierConfiguration {
    let json = try folder.configuration()
    switch try json.string(at: "model_type") {
    case ClassifierConfiguration.ownModelType:
      return try ClassifierConfiguration(attune: json)
    case "bert":
      let isClassifier =
        try json.has("architectures")
        && json.strings(at: "architectures").contains("BertForSequenceClassification")
      return ClassifierConfiguration(
        encoder: try EncoderConfiguration(bert: json), pooling: isClassifier ? .first : .mean,
        hasPooler: isClassifier, headDropout: 0.1, labels: labels)
    case let type:
      throw try json.field(at: "model_type").error(
        "found '\(type)', expected one of: bert, \(ClassifierConfiguration.ownModelType).")
    }
  }

  /// Reads the encoder of a folder into a classifier whose head is new.
  public static func model(
    adapting folder: ModelFolder, _ configuration: ClassifierConfiguration, key: RandomKey
  ) throws -> TextClassifier {
    let weights = try folder.weights()
    try configuration.requirePlausible(weights)
    var model = TextClassifier(configuration, key: key)
    let isOwn =
      try folder.configuration().string(at: "model_type") == ClassifierConfiguration.ownModelType
    let names: ParameterNameMap =
      isOwn ? .identity : configuration.hasPooler ? .bert : .bertEncoder
    try model.load(
      from: weights,
      names: names.preceded(by: [
        .ignore("head.classifier.{p}", because: "the head is new"),
        .ignore("classifier.{p}", because: "the head is new"),
      ])
    ) { $0.hasPrefix("head.") || $0.hasPrefix("pooling.") }
    return model
  }
}
