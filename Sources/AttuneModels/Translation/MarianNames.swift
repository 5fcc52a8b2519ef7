// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneTensors

extension ParameterNameMap {
  /// The name of the one table.
  static let sharedTable = "model.shared.weight"
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
    rules += marianLayers(of: "encoder", at: "model.encoder", attendsToMemory: false)
    rules += marianLayers(of: "decoder", at: "model.decoder", attendsToMemory: true)
    rules += ([sharedTable] + otherTables).filter { $0 != table }.map {
      .ignore($0, because: "source, target and output share one table")
    }
    return ParameterNameMap(rules)
  }

  /// What Marian calls the parts of a stack of layers.
  static func marianLayers(
    of ours: String, at theirs: String, attendsToMemory: Bool
  ) -> [Rule] {
    func layer(_ own: String, _ other: String) -> Rule {
      .rename("\(ours).layers.{i}.\(own).{p}", "\(theirs).layers.{i}.\(other).{p}")
    }
    func attention(_ own: String, _ other: String) -> [Rule] {
      [("query", "q"), ("key", "k"), ("value", "v"), ("output", "out")].map {
        layer("\(own).\($0.0)", "\(other).\($0.1)_proj")
      } + [layer("\(own)Residual.norm", "\(other)_layer_norm")]
    }
    return attention("selfAttention", "self_attn")
      + (attendsToMemory ? attention("crossAttention", "encoder_attn") : [])
      + [
        layer("feedForward.expand", "fc1"), layer("feedForward.contract", "fc2"),
        layer("feedForwardResidual.norm", "final_layer_norm"),
        .rename("\(ours).finalNorm.{p}", "\(theirs).layer_norm.{p}"),
        .ignore(
          "\(theirs).embed_positions.weight", because: "positions are counted, not stored"),
      ]
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
