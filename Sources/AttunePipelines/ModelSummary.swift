// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneLayers
public import AttuneModels
internal import AttuneTensors

/// What a model is made of, for people and programs that look at it.
public struct ModelSummary: Sendable {
  /// A part of the model with the count of its trained numbers.
  public struct Part: Sendable, Equatable {
    /// The path of the part in the model.
    public let name: String
    /// Trained numbers in it.
    public let parameterCount: Int
  }

  /// Names and values of what determines the shape, in the spelling of `config.json`.
  public let architecture: JSONObject
  /// The parts in the order of the model.
  public let parts: [Part]

  /// A summary of the given facts.
  public init(architecture: JSONObject, parts: [Part]) {
    (self.architecture, self.parts) = (architecture, parts)
  }

  /// Trained numbers altogether.
  public var parameterCount: Int { parts.reduce(0) { $0 + $1.parameterCount } }
}

extension TextClassification {
  /// What the model is made of.
  public var summary: ModelSummary {
    let head: [(String, JSONValue)] = [
      ("pooling", .string(configuration.pooling.rawValue)),
      ("has_pooler", .bool(configuration.hasPooler)),
    ]
    return ModelSummary(
      architecture: JSONObject(ModelSummary.architecture(of: configuration.encoder) + head),
      parts: ModelSummary.parts(of: model))
  }
}

extension OpenTranslator {
  /// What the model is made of.
  public var summary: ModelSummary {
    let sizes: [(String, JSONValue)] = [
      ("encoder_layers", .integer(configuration.encoderLayerCount)),
      ("encoder_attention_heads", .integer(configuration.encoder.headCount)),
      ("encoder_ffn_dim", .integer(configuration.encoder.feedForwardDimension)),
    ]
    return ModelSummary(
      architecture: JSONObject(
        sizes
          + ModelSummary.architecture(
            of: configuration.decoder, layerCount: configuration.decoderLayerCount,
            vocabularySize: configuration.vocabularySize, maximumLength: configuration.maximumLength
          )), parts: ModelSummary.parts(of: model))
  }
}

extension OpenCaptioner {
  /// What the model is made of.
  public var summary: ModelSummary {
    let vectors = configuration.vectors
    let sizes: [(String, JSONValue)] = [
      ("vector_size", .integer(vectors.dimension)), ("vector_form", .string(vectors.form.rawValue)),
      ("vector_scaling", .string(vectors.scaling.rawValue)),
      ("vector_positions", .integer(vectors.positionsPerVector)),
      ("mapping_layers", .integer(vectors.mapping?.layerCount ?? 0)),
      ("mapping_positions", .integer(vectors.mapping?.constantCount ?? 0)),
    ]
    return ModelSummary(
      architecture: JSONObject(
        sizes
          + ModelSummary.architecture(
            of: configuration.decoder, layerCount: configuration.decoderLayerCount,
            vocabularySize: configuration.vocabularySize, maximumLength: configuration.maximumLength
          )), parts: ModelSummary.parts(of: model))
  }
}

extension ModelSummary {
  /// Names and values of what determines a decoder's shape.
  fileprivate static func architecture(
    of layer: TransformerLayerSettings, layerCount: Int, vocabularySize: Int, maximumLength: Int
  ) -> [(String, JSONValue)] {
    [
      ("decoder_layers", .integer(layerCount)),
      ("decoder_attention_heads", .integer(layer.headCount)),
      ("decoder_ffn_dim", .integer(layer.feedForwardDimension)),
      ("d_model", .integer(layer.modelDimension)),
      ("activation_function", .string(layer.activation.rawValue)),
      ("norm_placement", .string(layer.normPlacement.rawValue)),
      ("max_position_embeddings", .integer(maximumLength)),
      ("vocab_size", .integer(vocabularySize)),
    ]
  }

  /// Names and values of what determines an encoder's shape.
  public static func architecture(of encoder: EncoderConfiguration) -> [(String, JSONValue)] {
    let layer = encoder.layer
    return [
      ("num_hidden_layers", .integer(encoder.layerCount)),
      ("hidden_size", .integer(layer.modelDimension)),
      ("num_attention_heads", .integer(layer.headCount)),
      ("intermediate_size", .integer(layer.feedForwardDimension)),
      ("hidden_act", .string(layer.activation.rawValue)),
      ("norm_placement", .string(layer.normPlacement.rawValue)),
      ("positions", .string(encoder.positions.rawValue)),
      ("max_position_embeddings", .integer(encoder.maximumLength)),
      ("segments", .integer(encoder.segmentCount)),
      ("vocab_size", .integer(encoder.vocabularySize)),
    ]
  }

  static func parts(of model: some Module) -> [Part] {
    var names: [String] = []
    var counts: [String: Int] = [:]
    model.forEachParameter { path, tensor in
      let name = Self.part(of: path)
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += tensor.count
    }
    return names.map { Part(name: $0, parameterCount: counts[$0] ?? 0) }
  }

  /// The first two steps of a path, and the number of a layer: `encoder.layers.0`, `head.classifier`.
  private static func part(of path: String) -> String {
    let steps = path.split(separator: ".")
    let depth = steps.count > 2 && Int(steps[2]) != nil ? 3 : 2
    return steps.prefix(max(1, min(depth, steps.count - 1))).joined(separator: ".")
  }
}
