// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The sizes and hashes of a checkpoint's files; written last, so that nothing without one counts.
struct CheckpointManifest {
  static let file = "manifest.json"
  static let version = 1

  struct File: Equatable {
    let name: String
    let size: Int
    let sha256: String
  }

  let step: Int
  let files: [File]

  init(step: Int, files: [File]) {
    self.step = step
    self.files = files
  }

  var json: JSONValue {
    [
      "format": "attune-checkpoint", "version": .integer(Self.version), "step": .integer(step),
      "files": .array(
        files.map {
          ["name": .string($0.name), "size": .integer($0.size), "sha256": .string($0.sha256)]
        }),
    ]
  }

  /// Reads the manifest of a checkpoint of the step.
  init(folder: String, step: Int) throws {
    let field = try InputFile.json(of: FileSystem.join(folder, Self.file))
    try field.refuseKeys(notIn: ["format", "version", "step", "files"])
    guard try field.string(at: "format") == "attune-checkpoint" else {
      throw try field.field(at: "format").error("expected 'attune-checkpoint'.")
    }
    _ = try field.integer(at: "version", in: 1...Self.version)
    _ = try field.integer(at: "step", in: step...step)
    self.step = step
    files = try field.fields(at: "files").map { file in
      File(
        name: try file.string(at: "name"), size: try file.integer(at: "size", in: 0...(.max)),
        sha256: try file.string(at: "sha256"))
    }
    guard files.map(\.name) == TrainingCheckpoint.files else {
      throw try field.field(at: "files")
        .error("expected: \(TrainingCheckpoint.files.joined(separator: ", ")).")
    }
  }

  /// Reads every file of the folder again and throws if one is not as written.
  func verify(folder: String) throws {
    for file in files {
      let path = FileSystem.join(folder, file.name)
      let size = try FileSystem.size(of: path)
      guard size == file.size else {
        throw TrainingCheckpointError(path: path, .size(expected: file.size, found: size))
      }
      guard try SHA256.hash(file: path).description == file.sha256 else {
        throw TrainingCheckpointError(path: path, .hash)
      }
    }
  }
}
