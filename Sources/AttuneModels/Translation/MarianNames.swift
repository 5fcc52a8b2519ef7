// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneTensors

extension ParameterNameMap {
  /// The name of the one table.
  private static let sharedTable = "model.shared.weight"
  /// Other names of the same table, which some files have beside it or in its place.
  private static let otherTables = [
    "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight",
  ]

  /// The names in files of transformers' `MarianMTModel`; ours have two more norms where norms stand in front.
  static let marian = marian(table: sharedTable)

  /// The names in a file, whatever it calls the one table.
  static func marian(in source: some TensorSource) -> ParameterNameMap {
    let present = Set(source.tensors.map(\.name))
    return marian(
      table: ([sharedTable] + otherTables).first { present.contains($0) } ?? sharedTable)
  }

  private static func marian(table: String) -> ParameterNameMap {
    var rules: [Rule] = [
      .rename("table.weight", table), .rename("outputBias", OutputBiasFile.name),
    ]
    for side in ["encoder", "decoder"] {
      func layer(_ ours: String, _ theirs: String) -> Rule {
        .rename("\(side).layers.{i}.\(ours).{p}", "model.\(side).layers.{i}.\(theirs).{p}")
      }
      func attention(_ ours: String, _ theirs: String) -> [Rule] {
        [("query", "q"), ("key", "k"), ("value", "v"), ("output", "out")].map {
          layer("\(ours).\($0.0)", "\(theirs).\($0.1)_proj")
        } + [layer("\(ours)Residual.norm", "\(theirs)_layer_norm")]
      }
      rules += attention("selfAttention", "self_attn")
      if side == "decoder" { rules += attention("crossAttention", "encoder_attn") }
      rules += [
        layer("feedForward.expand", "fc1"), layer("feedForward.contract", "fc2"),
        layer("feedForwardResidual.norm", "final_layer_norm"),
        .rename("\(side).finalNorm.{p}", "model.\(side).layer_norm.{p}"),
        .ignore(
          "model.\(side).embed_positions.weight", because: "positions are counted, not stored"),
      ]
    }
    rules += ([sharedTable] + otherTables).filter { $0 != table }.map {
      .ignore($0, because: "source, target and output share one table")
    }
    return ParameterNameMap(rules)
  }
}

/// The bias of the output, which files hold as one row, [1, vocabulary].
enum OutputBiasFile {
  /// Its name in files.
  static let name = "final_logits_bias"

  /// Returns a tensor as files have it.
  static func stored(_ tensor: Tensor, _ name: String) -> Tensor {
    name == self.name ? tensor.reshaped([1, tensor.count]) : tensor
  }
}

/// A file whose output bias is read as what it is: a vector.
struct FlatBias<Source: TensorSource>: TensorSource {
  private let source: Source

  init(_ source: Source) { self.source = source }

  var path: String { source.path }
  var warnings: [String] { source.warnings }

  var tensors: [StoredTensor] {
    source.tensors.map { tensor in
      guard tensor.name == OutputBiasFile.name, tensor.shape.count == 2, tensor.shape[0] == 1 else {
        return tensor
      }
      return tensor.reshaped([tensor.shape[1]])
    }
  }

  func tensor(named name: String) throws -> Tensor {
    let tensor = try source.tensor(named: name)
    return name == OutputBiasFile.name ? tensor.reshaped([tensor.count]) : tensor
  }

  func quantized(named name: String) throws -> QuantizedMatrix {
    try source.quantized(named: name)
  }
}
