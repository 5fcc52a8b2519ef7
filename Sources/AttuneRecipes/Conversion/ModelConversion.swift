// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats
public import AttuneModels
internal import AttunePipelines
internal import AttuneTokenizers

/// A model's folder written again in another layout or with smaller weights.
public enum ModelConversion {
  /// Writes the model of one folder into another.
  ///
  /// Without a layout every folder of a known family keeps its own: weights and `dtype` change, all other files stay as they are.
  ///
  /// - Parameters:
  ///   - layout: Of a classifier; nil: its own, or the one that lets most programs open it if its own is ours.
  ///   - storage: How the weights are stored; two bytes a number halve the file and keep two or three digits.
  ///   - vocabulary: The part of its vocabulary that an encoder with BERT's tokenizer keeps; nil: all.
  ///   - overwriting: Whether a model that stands at `output` may be replaced.
  ///   - check: The texts that both models are compared on before anything appears at `output`; nil: they are not.
  ///   - observe: Told what is found.
  /// - Returns: Which program opens what was written, for people, and what the comparison found.
  /// - Throws: `ConversionLossError` when the check's tolerance is exceeded; nothing is written then.
  public static func run(
    model path: String, output: String, layout: ClassifierLayout? = nil,
    storage: WeightStorage = .float32, vocabulary: VocabularyChoice? = nil,
    overwriting: Bool = false, check: ConversionCheck? = nil,
    observe: @escaping (RecipeEvent) -> Void = { _ in }
  ) throws -> (reader: String, comparison: ConversionComparison?) {
    let folder = try ModelFolder(TrainingRun.bestModel(of: path))
    var comparison: ConversionComparison?
    func verify(_ written: String) throws {
      guard let check else { return }
      let found = try check.compare(folder.path, with: written)
      guard found.loss <= check.tolerance else {
        throw ConversionLossError(comparison: found, tolerance: check.tolerance)
      }
      comparison = found
    }
    let reader: String
    if let writer = try StoredWriter(folder) {
      guard layout == nil, vocabulary == nil else {
        throw FolderKindError(path: folder.path, found: writer.kind, wanted: .classifier)
      }
      try copy(
        writer, of: folder, to: output, storage: storage, overwriting: overwriting, verify: verify)
      reader = writer.reader
    } else if layout == nil, try !ClassifierFolder.isOwnLayout(folder) {
      let monitor = RecipeMonitor(shouldStop: { false }, observe: observe)
      reader = try copy(
        folder, to: output, storage: storage,
        vocabulary.map { try VocabularyReduction($0, of: EncoderFolder(folder), monitor) },
        overwriting: overwriting, verify: verify, monitor)
    } else {
      try SettingError.require(
        vocabulary == nil, "--vocabulary", "\(folder.path), a classifier in another layout",
        "an encoder or a classifier of a known family, in the layout that other programs open")
      reader = try rewrite(
        folder, to: output, layout: layout, storage: storage, overwriting: overwriting,
        verify: verify)
    }
    return (storage == .int8 ? attuneOnly : reader, comparison)
  }

  /// Who opens weights of 8-bit integers.
  private static let attuneOnly = ClassifierLayout.attune.reader(for: .bert)

  /// Reads a classifier and writes it in a layout that fits.
  private static func rewrite(
    _ folder: ModelFolder, to output: String, layout: ClassifierLayout?, storage: WeightStorage,
    overwriting: Bool, verify: (String) throws -> Void
  ) throws -> String {
    let source = try ClassifierFolder(folder)
    // Nothing is written of a tokenizer that could not be used.
    _ = try Tokenizer(contentsOf: folder.encoderPath)
    let wanted = layout ?? source.configuration.layout
    guard wanted == .attune || wanted == source.configuration.layout else {
      throw ClassifierTrainingError.unfitLayout(
        wanted.rawValue, model: folder.path, fitting: source.configuration.layout.rawValue)
    }
    try ModelFolder.create(output, overwriting: overwriting, verify: verify) { writer in
      try ClassifierFolder.write(
        source.model, source.configuration, layout: wanted,
        attune: source.attune?.value ?? [:], storage: storage, with: writer)
      for file in try Tokenizer.files(in: folder.encoderPath) {
        try writer.write(file.bytes, to: file.name)
      }
    }
    return wanted.reader(for: source.configuration.encoder.family)
  }

  private static func copy(
    _ folder: ModelFolder, to output: String, storage: WeightStorage,
    _ reduction: VocabularyReduction?, overwriting: Bool, verify: (String) throws -> Void,
    _ monitor: RecipeMonitor
  ) throws -> String {
    if let reduction { monitor.note(reduction.note) }
    let source = try EncoderFolder(folder)
    // Nothing is written of a model that could not be used.
    _ = try source.encoder()
    let modules = try folder.moduleFolders()
    try ModelFolder.create(output, overwriting: overwriting, verify: verify) { writer in
      let configuration = try folder.configuration().settingElementType(storage)
      try writer.write(
        reduction?.reduce(configuration) ?? configuration,
        to: FileSystem.join(folder.encoderPlace, ModelFolder.configurationFile))
      for part in [""] + modules {
        try copy(part, of: folder, storage: storage, reduction, with: writer)
      }
      for file in try reduction?.tokenizer.files() ?? [] {
        try writer.write(file.bytes, to: FileSystem.join(folder.encoderPlace, file.name))
      }
    }
    let architecture = source.architectures.first ?? source.family.architecture(with: source.head)
    return modules.isEmpty ? "transformers (\(architecture))" : "sentence-transformers"
  }

  /// Writes the weights and the other files of the folder itself (an empty name) or of a module.
  private static func copy(
    _ part: String, of folder: ModelFolder, storage: WeightStorage,
    _ reduction: VocabularyReduction?, with writer: ModelFolderWriter
  ) throws {
    func place(_ name: String) -> String { FileSystem.join(part, name) }
    let names = try FileSystem.entries(of: folder.path(of: part))
    let isEncoder = part == folder.encoderPlace
    let replaced =
      isEncoder && reduction != nil
      ? Set(try Tokenizer.files(in: folder.encoderPath).map(\.name)) : []
    try copyOthers(among: names.filter { !replaced.contains($0) }, part, of: folder, with: writer)
    guard isEncoder || !part.isEmpty && names.contains(where: ModelFolder.isWeights) else { return }
    let weights = try folder.weights(in: part)
    // What is no float is no weight: positions that other programs count once and keep.
    let tensors = try weights.tensors.filter(\.isWeight).map {
      NamedTensor($0.name, try weights.tensor(named: $0.name))
    }.map { isEncoder ? reduction?.reduce($0) ?? $0 : $0 }
    try writer.write(
      tensors, storage: storage, to: place(ModelFolder.weightsFile(storedAs: storage)))
  }

  /// Copies the files of a part that are no weights, but for the `config.json` of the encoder.
  private static func copyOthers(
    among names: [String], _ part: String, of folder: ModelFolder, with writer: ModelFolderWriter
  ) throws {
    for name in names where !name.hasPrefix(".") && !ModelFolder.isWeights(name) {
      let place = FileSystem.join(part, name)
      let isWritten = part == folder.encoderPlace && name == ModelFolder.configurationFile
      guard !FileSystem.isFolder(folder.path(of: place)), !isWritten else { continue }
      try writer.write(InputFile.bytes(of: folder.path(of: place)), to: place)
    }
  }

  private static func copy(
    _ model: StoredWriter, of folder: ModelFolder, to output: String, storage: WeightStorage,
    overwriting: Bool, verify: (String) throws -> Void
  ) throws {
    try ModelFolder.create(output, overwriting: overwriting, verify: verify) { writer in
      try writer.write(
        folder.configuration().settingElementType(storage), to: ModelFolder.configurationFile)
      try copyOthers(among: folder.files.entries(), "", of: folder, with: writer)
      // Written anew: some programs store the one table, and positions that are counted, several times.
      try writer.write(
        model.tensors, storage: storage, keepingWhole: CaptionerFolder.wholeTensors)
    }
  }
}

/// A translator or a captioner, opened with its tokenizers: nothing is written of what could not be used.
private struct StoredWriter {
  let kind: FolderKind
  /// Which program opens it.
  let reader: String
  /// Its numbers as its folder names and shapes them.
  let tensors: [NamedTensor]

  /// Opens a folder; nil if its model writes no texts.
  init?(_ folder: ModelFolder) throws {
    let json = try folder.configuration()
    if TranslatorFolder.recognizes(json) {
      let open = try OpenTranslator(folder)
      (kind, reader) = (.translator, open.layout.reader)
      tensors = try TranslatorFolder.storedTensors(of: open.model)
    } else if CaptionerFolder.recognizes(json) {
      let open = try OpenCaptioner(folder)
      (kind, reader) = (.captioner, TranslatorLayout.attune.reader)
      tensors = try CaptionerFolder.storedTensors(of: open.model)
    } else {
      return nil
    }
  }
}

extension ModelFolder {
  /// The subfolders that `modules.json` of sentence-transformers names.
  fileprivate func moduleFolders() throws -> [String] {
    guard let modules = try optionalJSON(ModelFolder.modulesFile) else { return [] }
    return try modules.fields().map { module in
      let path = try module.string(at: "path")
      if !path.isEmpty { _ = try self.path(ofUntrusted: path, from: module.field(at: "path")) }
      return path
    }.filter { !$0.isEmpty && FileSystem.isFolder(path(of: $0)) }
  }
}

extension JSONField {
  /// The document with the type of the weights in the key where it keeps it.
  fileprivate func settingElementType(_ storage: WeightStorage) throws -> JSONValue {
    var document = try object()
    let old = ["dtype", "torch_dtype"].filter { document[$0] != nil }
    document[WeightStorage.quantizationKey] = nil
    for (key, value) in storage.configurationMembers {
      for key in key == "dtype" && !old.isEmpty ? old : [key] { document[key] = value }
    }
    return .object(document)
  }
}
