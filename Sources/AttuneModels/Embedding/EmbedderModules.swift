// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// `modules.json` of sentence-transformers: what a text goes through, in order.
struct EmbedderModules {
  static let file = ModelFolder.modulesFile

  /// The folder of the encoder.
  let encoder: ModelFolder
  /// What the encoder's states become.
  let pooling: JSONField
  /// Subfolders of the maps behind the pooling.
  let denses: [String]
  /// Whether vectors get length 1 at the end.
  let normalizes: Bool

  /// Reads the file; anything but an encoder, a pooling, maps and a normalisation, in this order, is refused.
  init(in folder: ModelFolder) throws {
    let modules = try folder.json(Self.file)
    var encoder: ModelFolder?
    var pooling: JSONField?
    var denses: [String] = []
    var normalizes = false
    for module in try modules.fields() {
      let path = try module.string(at: "path")
      func inside() throws -> String {
        try folder.path(ofUntrusted: path, from: module.field(at: "path"))
      }
      switch try module.string(at: "type").split(separator: ".").last {
      case "Transformer" where encoder == nil:
        if !path.isEmpty { _ = try inside() }
        encoder = try ModelFolder(folder.files.subfolder(path))
      case "Pooling" where encoder != nil && pooling == nil:
        _ = try inside()
        pooling = try folder.json(FileSystem.join(path, ModelFolder.configurationFile))
      case "Dense" where pooling != nil && !normalizes:
        _ = try inside()
        denses.append(path)
      case "Normalize" where pooling != nil: normalizes = true
      // Only training knows it.
      case "Dropout" where pooling != nil: break
      default:
        throw try module.field(at: "type").error(
          "found '\(module.string(at: "type"))', expected a Transformer, a Pooling, any number of "
            + "Dense and a Normalize module, in this order.")
      }
    }
    guard let encoder, let pooling else {
      throw modules.error("expected a Transformer and a Pooling module.")
    }
    (self.encoder, self.pooling) = (encoder, pooling)
    (self.denses, self.normalizes) = (denses, normalizes)
  }
}

extension PoolingKind {
  /// Names of sentence-transformers in the order in which it joins several: today's, and the flag of older files.
  static let embedderNames: [(kind: PoolingKind, name: String, flag: String)] = [
    (.first, "cls", "pooling_mode_cls_token"),
    (.max, "max", "pooling_mode_max_tokens"),
    (.mean, "mean", "pooling_mode_mean_tokens"),
    (.rootMean, "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
    (.weightedMean, "weightedmean", "pooling_mode_weightedmean_tokens"),
    (.last, "lasttoken", "pooling_mode_lasttoken"),
  ]
}

extension JSONField {
  /// Reads the kinds of a Pooling module, whose vectors are joined.
  func poolingKinds() throws(JSONFieldError) -> [PoolingKind] {
    let key = "pooling_mode"
    guard try has(key) else {
      var kinds: [PoolingKind] = []
      for (kind, _, flag) in PoolingKind.embedderNames
      where try optionalBool(at: flag) ?? false {
        kinds.append(kind)
      }
      return kinds.isEmpty ? [.mean] : kinds
    }
    let field = try field(at: key)
    let names =
      if let name = field.value?.stringValue { [name] } else { try field.strings() }
    var kinds: [PoolingKind] = []
    for name in names {
      guard let known = PoolingKind.embedderNames.first(where: { $0.name == name }) else {
        let all = PoolingKind.embedderNames.map(\.name)
        throw field.error("found '\(name)', expected one of: \(all.joined(separator: ", ")).")
      }
      kinds.append(known.kind)
    }
    guard !kinds.isEmpty else { throw field.error("found an empty list, expected a pooling.") }
    return kinds
  }

  /// Reads `config.json` of a Dense module.
  func dense() throws(JSONFieldError) -> EmbedderConfiguration.Dense {
    let sizes = 1...(1 << 16)
    for key in ["module_input_name", "module_output_name"] {
      if let name = try optionalString(at: key), name != "sentence_embedding" {
        throw try field(at: key).error("found '\(name)', expected 'sentence_embedding'.")
      }
    }
    if try optionalBool(at: "use_residual") ?? false {
      throw try field(at: "use_residual").error("found true, which is not supported.")
    }
    let name = try optionalString(at: "activation_function") ?? "torch.nn.modules.activation.Tanh"
    guard let activation = Activation.torchNames.first(where: { $0.name == name })?.activation
    else {
      let known = Activation.torchNames.map(\.name).joined(separator: ", ")
      throw try field(at: "activation_function").error(
        "found '\(name)', expected one of: \(known).")
    }
    return EmbedderConfiguration.Dense(
      inputDimension: try integer(at: "in_features", in: sizes),
      outputDimension: try integer(at: "out_features", in: sizes),
      hasBias: try optionalBool(at: "bias") ?? true, activation: activation)
  }
}

extension Activation {
  /// Classes of PyTorch by the paths that sentence-transformers writes.
  static let torchNames: [(name: String, activation: Activation)] = [
    ("torch.nn.modules.linear.Identity", .identity),
    ("torch.nn.modules.activation.Tanh", .tanh),
    ("torch.nn.modules.activation.ReLU", .relu),
    ("torch.nn.modules.activation.GELU", .gelu),
    ("torch.nn.modules.activation.SiLU", .silu),
    ("torch.nn.modules.activation.Sigmoid", .sigmoid),
    ("torch.nn.modules.activation.Mish", .mish),
  ]
}
