// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneData
public import AttuneFormats
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A trained classifier of any family that a student learns from.
struct Teacher {
  /// The folder, or `bundled`.
  let name: String
  private let classifier: TextClassification

  /// - Parameter products: What its products are computed in; nil: what its folder has.
  init(_ path: String, products: ProductPrecision? = nil) throws {
    name = path
    let precision = products.flatMap {
      $0 == .float32 ? nil : PackedMatrix.Format(rawValue: $0.rawValue)
    }
    classifier =
      try path == Origin.bundled
      ? .bundled(precision: precision)
      : TextClassification(contentsOf: path, precision: precision)
  }

  /// What it says, and how.
  var head: Origin.Head { Origin.Head(labels: classifier.labels, task: classifier.task) }

  /// Layers of its encoder.
  var layerCount: Int { classifier.configuration.encoder.layerCount }

  /// Asks the teacher about texts, once for the whole training. It reads them as it was trained to, whatever its student does.
  ///
  /// - Parameters:
  ///   - labels: The student's, in its order.
  ///   - withFeatures: Whether what its last layer tells labels by is kept too.
  ///   - monitor: Is told how far it is.
  func lessons(
    on texts: [LabelledText], labels: [String], withFeatures: Bool, _ monitor: RecipeMonitor
  ) throws -> [TeacherLesson] {
    let places = try places(of: labels)
    var lessons: [TeacherLesson] = []
    lessons.reserveCapacity(texts.count)
    while lessons.count < texts.count {
      try monitor.checkForStop()
      let part = texts[lessons.count...].prefix(Self.textsAtOnce)
      for answer in classifier.featuresAndLogits(part.map { TextParts($0.parts) }) {
        let logits = Array(answer.logits)
        lessons.append(
          TeacherLesson(
            logits: places.map { logits[$0] },
            features: withFeatures ? Array(answer.features) : nil))
      }
      monitor.observe(.asked(lessons.count, of: texts.count))
    }
    return lessons
  }

  private static let textsAtOnce = 1024

  /// Where the student's labels stand among the teacher's.
  private func places(of labels: [String]) throws(TeacherError) -> [Int] {
    let own = classifier.labels
    // Of numbers there is only one kind, whatever their column is called.
    if classifier.task == .regression { return [0] }
    let places = labels.compactMap { label in own.firstIndex { $0.hasSameUTF8(as: label) } }
    guard places.count == labels.count, own.count == labels.count else {
      throw .otherLabels(teacher: name, own: own, found: labels)
    }
    return places
  }

  /// Throws unless it says the same kind of thing.
  func check(_ task: ClassificationTask) throws(TeacherError) {
    guard task == classifier.task else {
      throw .otherTask(teacher: name, own: classifier.task.rawValue, found: task.rawValue)
    }
  }

  /// The model whose layers a student's are compared with; both must cut texts into the same tokens.
  func model(sharing tokenizer: Tokenizer) throws -> TextClassifier {
    let folder = try folder
    let own = try Tokenizer(contentsOf: folder.encoderFiles)
    let probe = "The station is near the river, isn't it? 42 déjà-vu"
    guard own.vocabularySize == tokenizer.vocabularySize,
      own.encode(probe).ids == tokenizer.encode(probe).ids,
      own.model.vocabulary.indices.allSatisfy({ id in
        own.model.vocabulary[id].elementsEqual(tokenizer.model.vocabulary[id])
      })
    else { throw TeacherError.otherTokens(teacher: name) }
    return try ClassifierFolder(folder).model
  }

  private var folder: ModelFolder {
    get throws {
      try name == Origin.bundled
        ? BundledModel.classifier.folder() : ModelFolder(TrainingRun.bestModel(of: name))
    }
  }
}

/// Why a teacher cannot teach what is asked.
public enum TeacherError: AttuneError, Equatable {
  /// It gives other labels.
  case otherLabels(teacher: String, own: [String], found: [String])
  /// It says another kind of thing.
  case otherTask(teacher: String, own: String, found: String)
  /// Its tokens are not the student's.
  case otherTokens(teacher: String)
  /// Its layers cannot be left out.
  case fixedLayers(teacher: String)
  /// Texts without labels have another number of columns.
  case otherColumns(file: String, expected: Int, found: Int)
  /// No teacher is named.
  case missing

  /// The status that the process ends with.
  public var exitCode: ExitStatus {
    switch self {
    case .otherLabels, .otherTask, .otherColumns: .data
    case .otherTokens, .fixedLayers, .missing: .usage
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .otherLabels(let teacher, let own, let found):
      "\(teacher): the teacher's labels are \(own.joined(separator: ", ")), but those of the data "
        + "are \(found.joined(separator: ", ")). Expected the same."
    case .otherTask(let teacher, let own, let found):
      "\(teacher): the teacher's task is \(own), but the data are for \(found)."
    case .otherTokens(let teacher):
      "--hidden layers: \(teacher) cuts texts into other tokens than its student. "
        + "Take --hidden pooled, or the student's tokens from the teacher: --from teacher."
    case .fixedLayers(let teacher):
      "--from teacher: not every layer of \(teacher) is made alike, so none can be left out. "
        + "Leave out --from to train a student from scratch."
    case .otherColumns(let file, let expected, let found):
      "\(file): found \(found) text column\(found == 1 ? "" : "s"), expected \(expected) as in the "
        + "labelled data. Name them with --text-column."
    case .missing: "name a teacher: --teacher DIR."
    }
  }
}
