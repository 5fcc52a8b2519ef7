// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Whatever fails while a checkpoint is saved, a whole one can be resumed from")
struct CheckpointFaultTests {
  /// Counts the changes of the file system and refuses some.
  final class Gate: Sendable {
    private let state = Mutex<[String]>([])
    private let refused: Range<Int>
    private let code: Int32

    init(refusing refused: Range<Int>, code: Int32 = ENOSPC) {
      (self.refused, self.code) = (refused, code)
    }

    var log: [String] { state.withLock { $0 } }

    func watch<Result>(_ body: () throws -> Result) rethrows -> Result {
      let refusal: FileChange.Refusal = { operation, path in
        self.state.withLock { log in
          log.append("\(operation) \(FileSystem.name(of: path))")
          return self.refused.contains(log.count - 1) ? self.code : nil
        }
      }
      return try FileChange.refusing(refusal, during: body)
    }
  }

  /// A folder with the checkpoints of steps 1 and 2.
  private func prepared() throws -> TemporaryFolder {
    let parent = try TemporaryFolder()
    let folder = try CheckpointFolder(parent.path("run"), start: .fresh)
    for step in [1, 2] { try folder.saveSample(step: step) }
    return parent
  }

  private func changes() throws -> [String] {
    let parent = try prepared()
    let folder = try CheckpointFolder(parent.path("run"), start: .resume)
    let gate = Gate(refusing: 0..<0)
    try gate.watch { try folder.saveSample(step: 3) }
    return gate.log
  }

  /// Resumes as the next process would, and saves once more.
  private func checkResuming(_ path: String, atLeast step: Int) throws {
    let folder = try CheckpointFolder(path, start: .resume)
    let (checkpoint, _) = try #require(try folder.newest())
    #expect(checkpoint.step >= step)
    try TrainingSample.check(checkpoint)
    try folder.saveSample(step: 4)
    #expect(try folder.newest()?.checkpoint.step == 4)
    let names = try FileSystem.entries(of: path)
    #expect(names.allSatisfy { $0.hasPrefix("step-") || $0 == ".attune-lock" }, "\(names)")
  }

  @Test("Every single change may fail for lack of space, and training can go on")
  func survivesEachFailure() throws {
    let count = try changes().count
    #expect(count > 20)
    for place in 0..<count {
      let parent = try prepared()
      let path = parent.path("run")
      do {
        let folder = try CheckpointFolder(path, start: .resume)
        var isSaved = true
        do {
          try Gate(refusing: place..<place + 1).watch { try folder.saveSample(step: 3) }
        } catch is RotationFailed {
          // The new one is whole; only an old one could not be removed.
        } catch let error as FileError {
          isSaved = false
          #expect(error.reason == .noSpace)
          #expect(!error.path.contains("unfinished"), "\(error.path)")
        }
        let newest = try #require(try folder.newest()).checkpoint
        #expect(newest.step == 3 || !isSaved)
      }
      try checkResuming(path, atLeast: 2)
    }
  }

  @Test("The process may die at every single change")
  func survivesEachDeath() throws {
    let count = try changes().count
    for place in 0..<count {
      let parent = try prepared()
      // From the change on, nothing works: neither the save nor its cleaning up.
      Gate(refusing: place..<Int.max, code: EIO).watch {
        let folder = try? CheckpointFolder(parent.path("run"), start: .resume)
        try? folder?.saveSample(step: 3)
      }
      try checkResuming(parent.path("run"), atLeast: 2)
    }
  }

  @Test("The first checkpoint of a run may fail at every change without harm")
  func survivesFirstFailure() throws {
    for place in 0..<12 {
      let parent = try TemporaryFolder()
      Gate(refusing: place..<Int.max).watch {
        let folder = try? CheckpointFolder(parent.path("run"), start: .fresh)
        try? folder?.saveSample(step: 1)
      }
      let folder = try CheckpointFolder(parent.path("run"), start: .resumeIfPossible)
      if let (checkpoint, _) = try folder.newest() { try TrainingSample.check(checkpoint) }
      try folder.saveSample(step: 2)
    }
  }

  @Test("All is forced to the disk before it gets its name, and the name before old ones go")
  func ordersChanges() throws {
    let log = try changes()
    let rename = try #require(log.lastIndex(of: "create step-00000003"))
    for file in ["state.json", "manifest.json"] {
      // Once for the bytes and once to force them to the disk.
      #expect(log[..<rename].count { $0 == "write \(file)" } == 2)
    }
    let synchronized = log[..<rename].last ?? ""
    #expect(synchronized.hasPrefix("write .step-00000003"))
    #expect(log[rename + 1] == "write run")
    #expect(log[(rename + 2)...].allSatisfy { $0.hasPrefix("remove ") })
    #expect(log[rename + 2] == "remove manifest.json")
    #expect(log.last == "remove step-00000001")
  }

  @Test("A process killed while saving leaves a whole checkpoint", arguments: [2, 6, 11, 15, 19])
  func survivesKill(place: Int) async throws {
    let parent = try prepared()
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = parent.path("run") as String, place = place as Int] in
      let folder = try CheckpointFolder(path, start: .resume)
      let counter = Mutex(0)
      let killing: FileChange.Refusal = { _, _ in
        let count = counter.withLock { count in
          count += 1
          return count
        }
        if count > place { kill(getpid(), SIGKILL) }
        return nil
      }
      try FileChange.refusing(killing) { try folder.saveSample(step: 3) }
    }
    try checkResuming(parent.path("run"), atLeast: 2)
  }

  @Test("A full disk leaves the old checkpoints as they were")
  func survivesFullDisk() async {
    // The size limit holds for a process, so it needs one of its own.
    await #expect(processExitsWith: .success) {
      let parent = try TemporaryFolder()
      let path = parent.path("run")
      do {
        let folder = try CheckpointFolder(path, start: .fresh)
        try folder.saveSample(step: 1)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 200, rlim_max: rlim_t.max)
        #if canImport(Darwin)
          setrlimit(RLIMIT_FSIZE, &limit)
        #else
          setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #endif
        let error = try #require(throws: FileError.self) { try folder.saveSample(step: 2) }
        try #require(error.reason == .noSpace)
        try #require(error.path == "\(path)/step-00000002/model.safetensors")
      }
      try #require(try FileSystem.entries(of: path) == [".attune-lock", "step-00000001"])
      let newest = try CheckpointFolder(path, start: .resume).newest()
      try TrainingSample.check(#require(newest).checkpoint)
    }
  }
}
