// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The folder that `attune train` makes: the best and the last model, and what is needed to go on.
public struct TrainingRun: Sendable {
  /// The folder.
  public let path: String

  /// A run in the given folder.
  public init(_ path: String) { self.path = path }

  /// The model of the best validation score.
  public var best: String { FileSystem.join(path, "best") }
  /// The model of the last step.
  public var last: String { FileSystem.join(path, "last") }
  /// Training checkpoints.
  public var checkpoints: String { FileSystem.join(path, "checkpoints") }
  /// The settings of the run.
  public var settings: String { FileSystem.join(path, "run.json") }

  /// Returns the folder of the model that `path` means: itself, or the best one of a run.
  public static func bestModel(of path: String) -> String {
    let run = TrainingRun(path)
    let isModel = FileSystem.exists(FileSystem.join(path, "config.json"))
    return !isModel && FileSystem.exists(run.best) ? run.best : path
  }
}
