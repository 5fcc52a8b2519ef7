// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
public import AttuneModels
internal import AttuneTensors
public import AttuneTokenizers

/// What a folder of a known family holds and what it can be used for, whoever made it.
public struct FolderInspection: Sendable {
  /// Something that a folder can be used for.
  public struct Use: Sendable {
    /// The command.
    public let command: String
    /// Why it cannot be; nil: it can.
    public let obstacle: String?
  }

  /// Tensors that nobody reads.
  public struct Ignored: Sendable, Equatable {
    /// Their names in the file.
    public let names: [String]
    /// Why.
    public let reason: String
  }

  /// The folder.
  public let path: String
  /// The family of the encoder.
  public let family: EncoderFamily
  /// What the folder says it holds.
  public let architectures: [String]
  /// What stands on top of the encoder.
  public let head: ModelHead
  /// The encoder's sizes.
  public let configuration: EncoderConfiguration
  /// The types of the stored numbers in the spelling of safetensors, with the count of numbers of each.
  public let storedTypes: [(type: String, count: Int)]
  /// Parts of the model with the count of their numbers.
  public let parts: [ModelSummary.Part]
  /// How vectors of texts are made, in folders of sentence-transformers.
  public let embedder: EmbedderConfiguration?
  /// What is not read.
  public let ignored: [Ignored]
  /// What is odd about the files.
  public let notes: [String]
  /// Cuts texts into tokens; nil if the folder has none that is supported.
  public let tokenizer: Tokenizer?
  /// What the folder can be used for.
  public let uses: [Use]

  /// Most tokens of a text, special ones included, that `embed` reads.
  public var maximumLength: Int {
    let told = embedder?.maximumLength ?? tokenizer?.maximumLength
    return min(told ?? .max, configuration.maximumLength)
  }

  /// Looks at a folder. One that is damaged, or of a family that is not known, is refused.
  public init(contentsOf path: String) throws {
    let folder = try ModelFolder(path)
    let source = try EncoderFolder(folder)
    var contents = try Contents(source.encoder())
    var notes: [String] = []
    do {
      contents = try Contents(source) ?? contents
    } catch {
      notes.append("the head cannot be read: \(error)")
    }
    self.path = path
    (family, head) = (source.family, source.head)
    (architectures, configuration) = (source.architectures, source.configuration)
    storedTypes = source.weights.countsByType
    (parts, ignored) = (contents.parts, contents.report.byReason)
    if source.weights.tensors.contains(where: \.isQuantized) {
      notes.append(
        "matrices are 8-bit integers with a scale for each row, and are multiplied as such unless "
          + "--precision says otherwise; Python does not open them")
    }
    self.notes = try notes + contents.report.warnings + folder.configuration().notes
    let embedding = Result { try EmbedderFolder(path).configuration }
    if folder.has("modules.json"), case .success(let configuration) = embedding {
      embedder = configuration
    } else {
      embedder = nil
    }
    let obstacle: String?
    do {
      (tokenizer, obstacle) = (try Tokenizer(contentsOf: folder.encoderPath), nil)
    } catch let error as JSONError {
      throw error
    } catch {
      (tokenizer, obstacle) = (nil, "\(error)")
    }
    uses = Self.uses(of: folder, embedding, without: obstacle)
  }

  private static func uses(
    of folder: ModelFolder, _ embedding: Result<EmbedderConfiguration, any Error>,
    without tokenizer: String?
  ) -> [Use] {
    func use(_ command: String, _ attempt: () throws -> Void) -> Use {
      do {
        try attempt()
        return Use(command: command, obstacle: tokenizer)
      } catch {
        return Use(command: command, obstacle: "\(error)")
      }
    }
    return [
      use("classify") { _ = try ClassifierFolder(folder) },
      use("embed") { _ = try embedding.get() },
      use("fill-mask") {
        guard try EncoderFolder(folder).head == .maskedTokens else {
          throw FillMaskError(path: folder.path, .noHead(found: try EncoderFolder(folder).head))
        }
      },
      use("train --from") {
        _ = try ClassifierFolder.configuration(adapting: folder, labels: ["0", "1"])
      },
    ]
  }
}

/// A model's parts, and what of its file is not read.
private struct Contents {
  let parts: [ModelSummary.Part]
  let report: ParameterLoadingReport

  init(_ loaded: (encoder: TransformerEncoder, report: ParameterLoadingReport)) {
    parts = ModelSummary.parts(of: loaded.encoder)
    report = loaded.report
  }

  /// The whole model, when its head is one that is known and stands in the same file.
  init?(_ source: EncoderFolder) throws {
    switch source.head {
    case .maskedTokens:
      let folder = try MaskedTokenFolder(source.folder)
      (parts, report) = (ModelSummary.parts(of: folder.model), folder.report)
    case .sequenceClassification:
      let folder = try ClassifierFolder(source.folder)
      (parts, report) = (ModelSummary.parts(of: folder.model), folder.report)
    case .none, .other: return nil
    }
  }
}

extension TensorSource {
  fileprivate var countsByType: [(type: String, count: Int)] {
    var types: [(type: String, count: Int)] = []
    for tensor in tensors {
      let type = tensor.elementType.rawValue
      let count = tensor.shape.reduce(1, *)
      if let place = types.firstIndex(where: { $0.type == type }) {
        types[place].count += count
      } else {
        types.append((type, count))
      }
    }
    return types
  }
}

extension ParameterLoadingReport {
  fileprivate var byReason: [FolderInspection.Ignored] {
    var reasons: [String] = []
    for tensor in ignored where !reasons.contains(tensor.reason) { reasons.append(tensor.reason) }
    return reasons.map { reason in
      FolderInspection.Ignored(
        names: ignored.filter { $0.reason == reason }.map(\.name), reason: reason)
    }
  }
}

extension JSONField {
  /// What `config.json` asks for and does not get.
  fileprivate var notes: [String] {
    get throws(JSONFieldError) {
      try has("auto_map")
        ? ["config.json names programs to be fetched (auto_map); they are neither fetched nor run"]
        : []
    }
  }
}
