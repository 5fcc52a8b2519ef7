// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneFormats
internal import AttunePipelines

/// What happens when the folder that a training is to make exists.
public enum ExistingOutput: String, Sendable, Hashable {
  case refused
  /// A run that stands there is deleted, once the data have been found good.
  case overwritten
  /// A run that was interrupted goes on.
  case resumed
}

/// The folder of a training run, from the first look at it to the result in `run.json`.
struct RunOutput {
  let folder: TrainingRun
  let existing: ExistingOutput

  init(_ path: String, _ existing: ExistingOutput) {
    (folder, self.existing) = (TrainingRun(path), existing)
  }

  /// Throws when the folder cannot be made as asked, before any work.
  func check() throws {
    let exists = FileSystem.exists(folder.path)
    switch existing {
    case .refused where exists: throw TrainingRunError.outputExists(folder.path)
    case .resumed where !FileSystem.exists(folder.settings):
      throw TrainingRunError.nothingToResume(folder.path)
    case .overwritten where exists && !FileSystem.exists(folder.settings):
      guard FileSystem.isFolder(folder.path), try FileSystem.entries(of: folder.path).isEmpty
      else { throw TrainingRunError.notARun(folder.path) }
    default: break
    }
  }

  /// What `run.json` says of a run that is to go on; nil for a new one.
  func saved<Settings: RecipeSettings>(asked: Settings) throws -> SavedRun<Settings>? {
    guard existing == .resumed else { return nil }
    let json = try InputFile.json(of: folder.settings)
    let settings = try Settings(json.field(at: "settings"))
    let changed = asked.differences(from: settings)
    guard changed.isEmpty else {
      throw TrainingRunError.resumedWithOther(settings: changed, run: folder.path)
    }
    return SavedRun(
      path: folder.path, settings: settings, hashes: try json.strings(at: "data_sha256"), json: json
    )
  }

  /// Makes the folder of a new run; the data have been found good.
  ///
  /// - Parameter begin: Writes what the run needs to go on; when it throws, no folder stays.
  func open(_ begin: () throws -> Void) throws {
    if existing == .resumed { return }
    // While the data were read, another process may have begun a run there.
    try check()
    if existing == .overwritten, FileSystem.exists(folder.path) {
      if FileSystem.exists(folder.checkpoints) {
        // Throws where a process is training.
        _ = try CheckpointFolder(folder.checkpoints, start: .resumeIfPossible)
      }
      try FileSystem.remove(folder.path)
    }
    try FileSystem.createFolder(folder.path)
    do {
      try begin()
    } catch {
      // Half a run could neither be resumed nor overwritten; why it is one is the better message.
      _ = Result { try FileSystem.remove(folder.path) }
      throw error
    }
  }

  /// Writes `run.json`: what the run was asked, and in the end what it came to.
  func write(
    _ settings: some RecipeSettings, hashes: [String], members: [(String, JSONValue)] = [],
    result: JSONValue?
  ) throws {
    var all: [(String, JSONValue)] = [
      ("settings", settings.json), ("data_sha256", .array(hashes.map { .string($0) })),
    ]
    all += members
    if let result { all.append(("result", result)) }
    try AtomicFile.write(
      try JSONValue.object(JSONObject(all)).serialized(.pretty) + [0x0A], to: folder.settings,
      existing: .replace, parents: .created)
  }
}

/// What `run.json` says of a run that is to go on.
struct SavedRun<Settings: RecipeSettings> {
  /// The folder.
  let path: String
  /// What the run was asked, with all that was chosen.
  let settings: Settings
  /// SHA-256 of the files that it learned from.
  let hashes: [String]
  /// The whole of it.
  let json: JSONField

  /// Throws unless the files are those that the run was started with.
  func check(hashes found: [String]) throws(TrainingRunError) {
    guard found == hashes else { throw .otherData(run: path) }
  }
}

/// Why a training run cannot begin or go on in its folder.
public enum TrainingRunError: AttuneError, Equatable {
  case outputExists(String)
  case nothingToResume(String)
  case notARun(String)
  case otherData(run: String)
  case resumedWithOther(settings: [String], run: String)
  case interruptedEarly

  /// The status that the process ends with.
  public var exitCode: ExitStatus {
    switch self {
    case .outputExists, .notARun: .cannotCreate
    case .nothingToResume: .noInput
    case .otherData: .data
    case .resumedWithOther: .usage
    case .interruptedEarly: .interrupted
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .outputExists(let path):
      "\(path): exists. Name another folder, or add --resume to go on or --overwrite to start anew."
    case .nothingToResume(let path):
      "\(path): there is no run to resume, expected a folder with run.json. Leave out --resume to start one."
    case .notARun(let path):
      "\(path): exists and is not a training run (it has no run.json), so --overwrite leaves it alone. Name another folder."
    case .otherData(let run):
      "\(run): the data are not those that this run was started with. Resume with the same files, or start anew with --overwrite."
    case .resumedWithOther(let settings, let run):
      "\(run): a resumed run keeps its settings, but these differ: \(settings.joined(separator: ", ")). Leave them out, or start anew with --overwrite."
    case .interruptedEarly:
      "interrupted before the first step: nothing was written."
    }
  }
}
