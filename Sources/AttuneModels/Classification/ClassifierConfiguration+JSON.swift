// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers

extension ClassifierConfiguration {
  /// `model_type` of folders in our own layout.
  static let ownModelType = "attune-classifier"

  /// Reads a `config.json` in our own layout.
  init(attune json: JSONField) throws(JSONFieldError) {
    let family: EncoderFamily = try json.optionalChoice(at: "encoder_family") ?? .bert
    var encoder = try family.layout.read(json)
    encoder.layer.normPlacement = try json.choice(at: "norm_placement")
    encoder.positions = try json.choice(at: "positions")
    encoder.segmentCount = try json.integer(at: "segments", in: 0...16)
    if encoder.positions == .rotary, !encoder.layer.headWidth.isMultiple(of: 2) {
      throw try json.field(at: "positions").error(
        "found 'rotary' with heads of \(encoder.layer.headWidth) columns, expected an even number.")
    }
    let labels = try json.labels()
    self.init(
      encoder: encoder, pooling: try json.choice(at: "pooling"),
      hasPooler: try json.bool(at: "has_pooler"), headDropout: 0.1, labels: labels,
      task: try json.task(labelCount: labels.count))
  }

  /// `config.json` in our own layout.
  func attuneJSON(_ storage: WeightStorage) -> JSONValue {
    var members = encoder.family.layout.members(encoder).filter {
      !["model_type", "type_vocab_size", "position_embedding_type"].contains($0.0)
    }
    members.insert(("model_type", .string(Self.ownModelType)), at: 0)
    if encoder.family != .bert {
      members.append(("encoder_family", .string(encoder.family.rawValue)))
    }
    members += [
      ("norm_placement", .string(encoder.layer.normPlacement.rawValue)),
      ("positions", .string(encoder.positions.rawValue)),
      ("segments", .integer(encoder.segmentCount)),
      ("pooling", .string(pooling.rawValue)),
      ("has_pooler", .bool(hasPooler)),
    ]
    let problem: [(String, JSONValue)] =
      task.problemType == .singleLabel ? [] : [("problem_type", .string(task.problemType.rawValue))]
    let weights = storage == .float32 ? [] : storage.configurationMembers
    return .object(JSONObject(members + labelMembers + problem + weights))
  }

  /// Reads a `config.json` of a family's class for sequence classification.
  init(_ family: EncoderFamily, _ json: JSONField) throws(JSONFieldError) {
    let encoder = try family.layout.read(json)
    let labels = try json.labels()
    self.init(
      encoder: encoder, pooling: try family.layout.classifierHead.pooling(in: json),
      hasPooler: true,
      headDropout: try encoder.headDropout(in: json), labels: labels,
      task: try json.task(labelCount: labels.count))
  }

  /// `config.json` of a classifier in the family's own layout, or of its encoder.
  func json(head: ModelHead, _ storage: WeightStorage) -> JSONValue {
    let family = encoder.family.layout.classifierHead
    var members = labelMembers + [("problem_type", .string(task.problemType.rawValue))]
    if let key = family.dropoutKey { members.append((key, .number(shortest(headDropout)))) }
    if let key = family.poolingKey, let name = family.name(of: pooling) {
      members.append((key, .string(name)))
    }
    return encoder.json(head: head, storage, members)
  }
}

extension EncoderConfiguration {
  /// The dropout rate before the classifier.
  func headDropout(in json: JSONField) throws(JSONFieldError) -> Float {
    let head = family.layout.classifierHead
    let fallback = head.defaultDropout ?? layer.dropout
    guard let key = head.dropoutKey else { return fallback }
    return try json.rate(key, default: fallback)
  }
}

extension FamilyLayout.ClassifierHead {
  /// Their name of a kind of pooling; nil: their class cannot have it.
  func name(of kind: PoolingKind) -> String? { poolings.first { $0.kind == kind }?.name }

  /// Which states a classifier's head reads.
  func pooling(in json: JSONField) throws(JSONFieldError) -> PoolingKind {
    guard let key = poolingKey, let name = try json.optionalString(at: key) else {
      return poolings[0].kind
    }
    guard let kind = poolings.first(where: { $0.name == name })?.kind else {
      throw try json.field(at: key).error(
        "found '\(name)', expected one of: \(poolings.map(\.name).joined(separator: ", ")).")
    }
    return kind
  }
}

/// `problem_type` of `config.json`.
enum ProblemType: String, CaseIterable {
  case singleLabel = "single_label_classification"
  case multiLabel = "multi_label_classification"
  case regression
}

extension ClassificationTask {
  /// What transformers calls it; it knows no order of labels.
  var problemType: ProblemType {
    switch self {
    case .singleLabel, .ordinal: .singleLabel
    case .multiLabel: .multiLabel
    case .regression: .regression
    }
  }
}

extension JSONField {
  /// The task that `problem_type` names, or else, as in transformers, the one that fits the number of labels.
  func task(labelCount: Int) throws(JSONFieldError) -> ClassificationTask {
    let problem: ProblemType =
      try optionalChoice(at: "problem_type") ?? (labelCount == 1 ? .regression : .singleLabel)
    switch problem {
    case .singleLabel where labelCount > 1: return .singleLabel
    case .multiLabel: return .multiLabel
    case .regression where labelCount == 1: return .regression
    case .singleLabel, .regression:
      throw try field(at: "problem_type").error(
        "found '\(problem.rawValue)' for \(labelCount) label\(labelCount == 1 ? "" : "s"), expected "
          + (labelCount == 1 ? "'regression' or '\(ProblemType.multiLabel.rawValue)'." : "1 label.")
      )
    }
  }
}
