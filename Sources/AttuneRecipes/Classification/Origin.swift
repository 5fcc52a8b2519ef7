// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A trained model that another training starts from.
struct Origin {
  /// What a classifier says, and how.
  struct Head {
    let labels: [String]
    let task: ClassificationTask
  }

  /// The name of the classifier that is compiled in.
  static let bundled = "bundled"
  /// The name of no model at all.
  static let scratch = "scratch"

  /// The name of a part of the teacher's layers.
  static let teacher = "teacher"

  /// The folder, `bundled`, or `teacher`.
  let name: String
  /// Layers that are taken, evenly spread; nil: all.
  private let layerCount: Int?
  let tokenizer: Tokenizer
  /// Where its files lie; nil: nowhere.
  private let tokenizerFolder: String?
  private let source: Source

  private enum Source {
    /// A classifier with its head.
    case classifier(ClassifierFolder)
    /// Any other encoder.
    case encoder(ModelFolder)
  }

  init(_ path: String) throws { try self.init(path, named: nil, layerCount: nil) }

  /// A part of a teacher's layers with all that stands around them.
  init(layersOf teacher: Teacher, count: Int) throws {
    try SettingError.require(
      1...teacher.layerCount ~= count, "--layers", count,
      "1 to \(teacher.layerCount), the layers of the teacher")
    try self.init(teacher.name, named: Self.teacher, layerCount: count)
    guard case .classifier(let classifier) = source,
      classifier.configuration.encoder.hasEqualLayers
    else { throw TeacherError.fixedLayers(teacher: teacher.name) }
  }

  private init(_ path: String, named given: String?, layerCount: Int?) throws {
    self.layerCount = layerCount
    let isBundled = path == Self.bundled
    let folder =
      try isBundled
      ? BundledModel.classifier.folder() : ModelFolder(TrainingRun.bestModel(of: path))
    name = given ?? (isBundled ? path : folder.path)
    tokenizer = try Tokenizer(contentsOf: folder.encoderFiles)
    tokenizerFolder = isBundled ? nil : folder.encoderPath
    source =
      try ClassifierFolder.isClassifier(folder)
      ? .classifier(ClassifierFolder(folder)) : .encoder(folder)
  }

  /// The files of the tokenizer as they are, so that other programs see the very same one; nil: there are none.
  func tokenizerFiles() throws -> [Tokenizer.File]? {
    try tokenizerFolder.map { try Tokenizer.files(in: $0) }
  }

  /// The model's own head; nil when it is no classifier.
  var head: Head? {
    guard case .classifier(let classifier) = source else { return nil }
    return Head(labels: classifier.configuration.labels, task: classifier.configuration.task)
  }

  /// Whether the model's own head says what is to be learned.
  func keepsHead(for labels: [String], _ task: ClassificationTask) -> Bool {
    guard let head else { return false }
    // Of numbers there is only one kind, whatever their column is called.
    return head.task == task && (head.labels == labels || task == .regression)
  }

  /// The shape of the classifier that grows from the model.
  func configuration(
    labels: [String], task: ClassificationTask
  ) throws -> ClassifierConfiguration {
    var configuration =
      switch source {
      case .classifier(let classifier): classifier.configuration
      case .encoder(let folder):
        try ClassifierFolder.configuration(adapting: folder, labels: labels)
      }
    (configuration.labels, configuration.task) = (labels, task)
    if let layerCount { configuration.encoder.layerCount = layerCount }
    guard tokenizer.vocabularySize <= configuration.encoder.vocabularySize else {
      throw ClassifierTrainingError.otherTokenizer(
        name, tokens: tokenizer.vocabularySize, entries: configuration.encoder.vocabularySize)
    }
    return configuration
  }

  /// Throws when the user asks for another shape than the model has.
  ///
  /// - Parameter asked: What the user asks for, and nothing else.
  func checkShape(_ asked: ClassifierSettings) throws(ClassifierTrainingError) {
    let isAsked = [
      ("--layers", asked.layers != nil && layerCount == nil),
      ("--dimension", asked.dimension != nil),
      ("--heads", asked.heads != nil), ("--feed-forward", asked.feedForwardDimension != nil),
      ("--vocabulary", asked.vocabularySize != nil), ("--norm", asked.normPlacement != nil),
      ("--positions", asked.positions != nil), ("--cased", asked.lowercases != nil),
      ("--word-vectors", asked.wordVectors != nil),
      // A head that is there wants the vector that it learned from.
      ("--pooling", asked.pooling != nil && head != nil),
    ]
    let names = isAsked.filter(\.1).map(\.0)
    guard names.isEmpty else { throw .settingsOfNewModel(names, origin: name) }
  }

  /// Throws when the settings ask for more than the encoder has.
  func check(
    _ settings: ClassifierSettings, _ configuration: ClassifierConfiguration
  ) throws(SettingError) {
    let longest = configuration.encoder.maximumLength
    guard settings.maximumLength ?? 0 <= longest else {
      throw SettingError(
        setting: "--max-length", found: "\(settings.maximumLength ?? 0)",
        expected: "at most \(longest), the positions of \(name)")
    }
  }

  /// The pretrained encoder with a new head, or with its own.
  func model(_ configuration: ClassifierConfiguration, key: RandomKey) throws -> TextClassifier {
    switch source {
    case .encoder(let folder):
      return try ClassifierFolder.model(adapting: folder, configuration, key: key)
    case .classifier(let classifier):
      let keepsHead = keepsHead(for: configuration.labels, configuration.task)
      let known = Dictionary(
        classifier.model.namedTensors.map { ($0.name, $0.tensor) },
        uniquingKeysWith: { first, _ in first })
      // Made anew and filled, since rates of dropout are fixed when a model is made.
      var model = TextClassifier(withNewHead: configuration, key: key)
      model.updateTensors { name, tensor, _ in
        let source = nameInOrigin(name, of: classifier.configuration.encoder.layerCount)
        if keepsHead || !name.hasPrefix("head.classifier."), let own = known[source] {
          tensor = own
        }
      }
      return model
    }
  }

  /// What the origin calls a parameter of the model that has a part of its layers.
  private func nameInOrigin(_ name: String, of depth: Int) -> String {
    var steps = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let layerCount, steps.count > 2, steps[0] == "encoder", steps[1] == "layers",
      let layer = Int(steps[2])
    else { return name }
    steps[2] = "\(LayerChoice.layer(of: layer, among: layerCount, in: depth))"
    return steps.joined(separator: ".")
  }
}

extension EncoderConfiguration {
  /// Whether any layer could stand in the place of any other.
  fileprivate var hasEqualLayers: Bool {
    localLayers == nil && (layer.normPlacement == .post || normsFirstInput)
  }
}
