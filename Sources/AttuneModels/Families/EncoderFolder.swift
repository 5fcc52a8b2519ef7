// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// Any folder of a known family, whatever head its model has.
public struct EncoderFolder: Sendable {
  /// The folder.
  public let folder: ModelFolder
  /// The family that `config.json` names.
  public let family: EncoderFamily
  /// The encoder's sizes.
  public let configuration: EncoderConfiguration
  /// What the folder says it holds, as `BertForMaskedLM`; empty when it does not say.
  public let architectures: [String]
  /// What stands on top of the encoder.
  public let head: ModelHead
  /// The tensors; nothing is read before it is asked for.
  public let weights: any TensorSource

  /// Reads `config.json` and the tables of contents of the weights; the sizes of both agree roughly.
  public init(_ folder: ModelFolder) throws {
    let json = try folder.configuration()
    let family = try EncoderFamily(modelTypeIn: json)
    configuration = try family.layout.read(json)
    architectures = try json.has("architectures") ? json.strings(at: "architectures") : []
    weights = try folder.weights()
    try configuration.requirePlausible(weights)
    head =
      architectures.first.map { ModelHead(architecture: $0) }
      ?? family.layout.head(in: weights.tensors.map(\.name))
    (self.folder, self.family) = (folder, family)
  }

  /// Reads the encoder, whatever head the file has beside it.
  ///
  /// - Parameter packing: Whether it is for inference alone, and how its weights are packed then.
  public func encoder(
    packing: WeightPacking = .none
  ) throws -> (encoder: TransformerEncoder, report: ParameterLoadingReport) {
    var model = EncoderAlone(encoder: TransformerEncoder(configuration, key: .blank))
    let report = try model.load(
      from: weights, names: family.layout.names(for: .none), packing: packing)
    return (model.encoder, report)
  }

  /// Writes an encoder without a head as transformers' `BertModel` and its relatives.
  ///
  /// - Parameters:
  ///   - members: Further keys of `config.json`.
  public static func write(
    _ encoder: TransformerEncoder, _ configuration: EncoderConfiguration,
    members: [(String, JSONValue)] = [], storage: WeightStorage = .float32,
    with writer: ModelFolderWriter
  ) throws {
    precondition(configuration.fitsFamily, "\(configuration.family) cannot hold this encoder")
    try writer.write(
      configuration.json(head: .none, storage, members), to: ModelFolder.configurationFile)
    try writer.write(
      EncoderAlone(encoder: encoder), names: configuration.family.layout.names(for: .none),
      storage: storage)
  }
}

/// An encoder under the name that tables of names give it.
private struct EncoderAlone: Module {
  var encoder: TransformerEncoder

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
  }
}

extension EncoderConfiguration {
  /// Whether the family's own classes in transformers can hold such an encoder.
  public var fitsFamily: Bool { family.layout.fits(self) }

  /// `config.json` of a model in the family's own layout.
  func json(
    head: ModelHead, _ storage: WeightStorage, _ members: [(String, JSONValue)]
  ) -> JSONValue {
    let architecture = JSONValue.string(family.architecture(with: head))
    return .object(
      JSONObject(
        [("architectures", [architecture])] + family.layout.members(self) + members
          + storage.configurationMembers))
  }

  /// Refuses sizes that the weights cannot have, before memory is asked for them.
  ///
  /// - Parameter labelCount: Rows of the last layer.
  func requirePlausible(_ weights: some TensorSource, labelCount: Int = 0) throws {
    let stored = weights.tensors.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
    let positionRows = positions == .rotary ? 0 : maximumLength
    let rows =
      Double(vocabularySize) + Double(positionRows) + Double(segmentCount) + Double(labelCount)
    let layerSize = 4 * Double(layer.modelDimension) + 2 * Double(layer.feedForwardDimension)
    let wanted =
      rows * Double(layer.modelDimension)
      + Double(layerCount) * Double(layer.modelDimension) * layerSize
    // A head that is to be trained may be missing; nothing else is.
    guard wanted <= 4 * stored + 1e6, layerCount <= max(weights.tensors.count, 1) else {
      throw ImplausibleSizeError(path: weights.path, stored: stored, wanted: wanted)
    }
  }
}

extension FamilyLayout {
  /// The head that a file without a word about it has, by its tensors.
  fileprivate func head(in names: [String]) -> ModelHead {
    func holds(_ head: ModelHead, _ ours: String) -> Bool {
      let table = self.names(for: head)
      return names.contains { name in
        if case .ours(let found) = table.meaning(of: name) { found.hasPrefix(ours) } else { false }
      }
    }
    if holds(.sequenceClassification, "head.classifier.") { return .sequenceClassification }
    return holds(.maskedTokens, "head.") ? .maskedTokens : .none
  }
}

extension WeightStorage {
  /// The name in `config.json` of what is not quantized.
  public var configurationName: String { self == .int8 ? "float32" : rawValue }

  /// The key of `config.json` that says how weights are quantized.
  public static let quantizationKey = "quantization_config"

  /// What `config.json` says of the weights.
  public var configurationMembers: [(String, JSONValue)] {
    let type = ("dtype", JSONValue.string(configurationName))
    guard self == .int8 else { return [type] }
    let method: JSONValue = [
      "quant_method": .string(ModelFolder.quantizationMethod), "bits": 8,
      "weight_scales": "one for each row",
      "activation_scales": "one for each row, found when it is computed",
    ]
    return [type, (Self.quantizationKey, method)]
  }
}

/// A `config.json` that describes a far larger model than the weights hold.
public struct ImplausibleSizeError: AttuneError, Equatable {
  /// The file of the weights.
  public let path: String
  let stored: Double
  let wanted: Double

  /// The file is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): holds \(stored.formattedCount) numbers, but config.json describes a model of "
      + "\(wanted.formattedCount). Check the sizes in config.json."
  }
}

extension Double {
  fileprivate var formattedCount: String {
    self < 1e15 ? "\(Int(self))" : "\(self)"
  }
}
