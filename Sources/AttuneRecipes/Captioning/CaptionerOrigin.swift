// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTokenizers

/// A model that writes, with which a captioner's training starts.
enum CaptionerOrigin {
  /// All of a captioner, its encoder of vectors included.
  case captioner(OpenCaptioner)
  /// The decoder and tokenizer of a captioner.
  case decoderOfCaptioner(OpenCaptioner)
  /// The decoder and tokenizer of a translator.
  case decoderOfTranslator(OpenTranslator)

  /// Opens the folder that the settings name; nil: they name none.
  init?(_ settings: CaptionerSettings) throws {
    if let path = settings.origin {
      try FolderKind.require(.captioner, at: path)
      self = .captioner(try OpenCaptioner(contentsOf: path))
    } else if let path = settings.decoderOrigin {
      switch try FolderKind(ofFolder: path) {
      case .captioner: self = .decoderOfCaptioner(try OpenCaptioner(contentsOf: path))
      case .translator: self = .decoderOfTranslator(try OpenTranslator(contentsOf: path))
      case let kind: throw DecoderOriginError(path: path, found: kind)
      }
    } else {
      return nil
    }
  }

  /// Joins captions.
  var tokenizers: TranslationTokenizers {
    switch self {
    case .captioner(let open), .decoderOfCaptioner(let open): open.tokenizers
    case .decoderOfTranslator(let open): open.tokenizers
    }
  }

  /// The sizes of a captioner that starts with it.
  func configuration(_ data: CaptioningData, _ settings: CaptionerSettings) throws(SettingError)
    -> CaptionerConfiguration
  {
    var configuration =
      switch self {
      case .captioner(let open): try Self.suited(open.configuration, to: data)
      case .decoderOfCaptioner(let open):
        CaptionerConfiguration(
          vectors: settings.vectors(
            dimension: data.dimension, form: data.form, width: open.configuration.decoder),
          decoderOf: open.configuration)
      case .decoderOfTranslator(let open):
        CaptionerConfiguration(
          vectors: settings.vectors(
            dimension: data.dimension, form: data.form, width: open.configuration.decoder),
          decoderOf: open.configuration)
      }
    configuration.decoder = settings.retrained(configuration.decoder)
    configuration.vectors.dropout = settings.vectorDropout ?? configuration.vectors.dropout
    return configuration
  }

  private static func suited(_ configuration: CaptionerConfiguration, to data: CaptioningData)
    throws(SettingError) -> CaptionerConfiguration
  {
    func words(_ form: VectorForm, _ dimension: Int) -> String {
      (form == .vector ? "vectors" : "sequences of vectors") + " of \(dimension.grouped) numbers"
    }
    let own = configuration.vectors
    try SettingError.require(
      own.dimension == data.dimension && own.form == data.form, "--from",
      "a captioner for \(words(own.form, own.dimension))",
      "one for \(words(data.form, data.dimension)), which the data has")
    return configuration
  }

  /// Gives a captioner of this configuration what it starts with.
  func pass(to model: inout VectorCaptioner) {
    switch self {
    case .captioner(let open): model.takeTensors(of: open.model)
    case .decoderOfCaptioner(let open): model.takeDecoder(of: open.model)
    case .decoderOfTranslator(let open): model.takeDecoder(of: open.model)
    }
  }

  /// Whether the scaling of the vectors is known already.
  var scalesVectors: Bool {
    if case .captioner = self { true } else { false }
  }

  /// The files that determine it, for their hashes.
  static func files(_ settings: CaptionerSettings) throws -> [String] {
    try (settings.origin ?? settings.decoderOrigin).map { try WriterOrigin.files(of: $0) } ?? []
  }
}

/// A folder whose model does not write.
struct DecoderOriginError: AttuneError, Equatable {
  let path: String
  let found: FolderKind

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(path): found the model of \(found.name), expected that of a captioner or a translator, whose "
      + "decoder --decoder-from takes over."
  }
}
