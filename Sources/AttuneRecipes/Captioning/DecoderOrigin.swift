// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTokenizers

/// A model that writes, whose decoder and tokenizer a captioner starts with.
enum DecoderOrigin {
  case captioner(OpenCaptioner)
  case translator(OpenTranslator)

  /// Opens the folder of a captioner or of a translator.
  init(contentsOf path: String) throws {
    switch try FolderKind(ofFolder: path) {
    case .captioner: self = .captioner(try OpenCaptioner(contentsOf: path))
    case .translator: self = .translator(try OpenTranslator(contentsOf: path))
    case let kind: throw DecoderOriginError(path: path, found: kind)
    }
  }

  /// Joins captions.
  var tokenizers: TranslationTokenizers {
    switch self {
    case .captioner(let open): open.tokenizers
    case .translator(let open): open.tokenizers
    }
  }

  /// Sizes and settings of the decoder's layers.
  var layer: TransformerLayerSettings {
    switch self {
    case .captioner(let open): open.configuration.decoder
    case .translator(let open): open.configuration.decoder
    }
  }

  /// A captioner with this decoder.
  func configuration(_ vectors: VectorEncoderSettings) -> CaptionerConfiguration {
    switch self {
    case .captioner(let open):
      CaptionerConfiguration(vectors: vectors, decoderOf: open.configuration)
    case .translator(let open):
      CaptionerConfiguration(vectors: vectors, decoderOf: open.configuration)
    }
  }

  /// Gives its decoder to a captioner.
  func pass(to model: inout VectorCaptioner) {
    switch self {
    case .captioner(let open): model.takeDecoder(of: open.model)
    case .translator(let open): model.takeDecoder(of: open.model)
    }
  }

  /// The files that determine it, for their hashes.
  static func files(of path: String) throws -> [String] {
    let folder = TrainingRun.bestModel(of: path)
    return try FileSystem.entries(of: folder)
      .filter {
        ModelFolder.isWeights($0) || $0 == ModelFolder.configurationFile || $0 == "vocab.json"
      }
      .map { FileSystem.join(folder, $0) }
  }
}

/// A folder whose model does not write.
struct DecoderOriginError: AttuneError, Equatable {
  let path: String
  let found: FolderKind

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(path): found the model of \(found == .encoder ? "an encoder" : "a classifier"), expected that "
      + "of a captioner or a translator, whose decoder --decoder-from takes over."
  }
}
