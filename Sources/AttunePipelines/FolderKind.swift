// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneFormats
internal import AttuneModels

/// What a model's folder is for.
public enum FolderKind: Sendable, Hashable {
  /// It turns texts into texts of another language.
  case translator
  /// It turns vectors into texts.
  case captioner
  /// It gives texts labels or numbers.
  case classifier
  /// An encoder without a head that is known, or a folder of embeddings.
  case encoder

  /// The kind of a model's folder, or of the best model of a training run's folder.
  public init(ofFolder path: String) throws {
    let folder = try ModelFolder(TrainingRun.bestModel(of: path))
    let json = try folder.configuration()
    if TranslatorFolder.recognizes(json) {
      self = .translator
    } else if CaptionerFolder.recognizes(json) {
      self = .captioner
    } else {
      self = try ClassifierFolder.isClassifier(folder) ? .classifier : .encoder
    }
  }

  /// Refuses a folder that is for something else.
  package static func require(_ wanted: FolderKind, at path: String) throws {
    let found = try FolderKind(ofFolder: path)
    // An encoder can be wanted of a classifier, and the other way round.
    if found != wanted, found.writes || wanted.writes {
      throw FolderKindError(path: path, found: found, wanted: wanted)
    }
  }

  /// Whether it writes texts.
  private var writes: Bool { self == .translator || self == .captioner }

  /// With its article, for messages.
  package var name: String {
    switch self {
    case .translator: "a translator"
    case .captioner: "a captioner"
    case .classifier: "a classifier"
    case .encoder: "an encoder"
    }
  }

  var command: String {
    switch self {
    case .translator: "attune translate"
    case .captioner: "attune caption"
    case .classifier: "attune classify"
    case .encoder: "attune embed"
    }
  }
}

/// A folder that is for something else.
public struct FolderKindError: AttuneError, Equatable {
  /// The folder.
  public let path: String
  /// What it is for.
  public let found: FolderKind
  /// What was wanted.
  public let wanted: FolderKind

  package init(path: String, found: FolderKind, wanted: FolderKind) {
    (self.path, self.found, self.wanted) = (path, found, wanted)
  }

  /// The folder is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): found the model of \(found.name), expected that of \(wanted.name). "
      + "'\(found.command)' uses it."
  }
}
