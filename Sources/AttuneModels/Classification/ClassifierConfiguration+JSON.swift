// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers

extension ClassifierConfiguration {
  /// `model_type` of folders in our own layout.
  static let ownModelType = "attune-classifier"

  /// Reads a `config.json` in our own layout.
  init(attune json: JSONField) throws(JSONFieldError) {
    var encoder = try EncoderConfiguration(bert: json)
    encoder.layer.normPlacement = try json.choice(at: "norm_placement")
    encoder.positions = try json.choice(at: "positions")
    encoder.segmentCount = try json.integer(at: "segments", in: 0...16)
    self.init(
      encoder: encoder, pooling: try json.choice(at: "pooling"),
      hasPooler: try json.bool(at: "has_pooler"), headDropout: 0.1, labels: try json.labels())
  }

  /// `config.json` in our own layout.
  var attuneJSON: JSONValue {
    var members = encoder.bertMembers.filter {
      !["model_type", "type_vocab_size", "position_embedding_type"].contains($0.0)
    }
    members.insert(("model_type", .string(Self.ownModelType)), at: 0)
    members += [
      ("norm_placement", .string(encoder.layer.normPlacement.rawValue)),
      ("positions", .string(encoder.positions.rawValue)),
      ("segments", .integer(encoder.segmentCount)),
      ("pooling", .string(pooling.rawValue)),
      ("has_pooler", .bool(hasPooler)),
    ]
    return .object(JSONObject(members + labelMembers))
  }

  /// Reads a `config.json` of `BertForSequenceClassification`.
  init(bertClassifier json: JSONField) throws(JSONFieldError) {
    if let problem = try json.optionalString(at: "problem_type"),
      problem != "single_label_classification"
    {
      throw try json.field(at: "problem_type").error(
        "found '\(problem)', expected 'single_label_classification'.")
    }
    let encoder = try EncoderConfiguration(bert: json)
    let dropout = try json.optionalDouble(at: "classifier_dropout").map { Float($0) }
    self.init(
      encoder: encoder, pooling: .first, hasPooler: true,
      headDropout: dropout ?? encoder.layer.dropout, labels: try json.labels())
  }

  /// `config.json` of a BERT with a classification head, or without one.
  func bertJSON(architecture: String) -> JSONValue {
    .object(
      JSONObject(
        [("architectures", [.string(architecture)])] + encoder.bertMembers + labelMembers + [
          ("problem_type", "single_label_classification"),
          ("classifier_dropout", .number(shortest(headDropout))),
        ]))
  }
}
