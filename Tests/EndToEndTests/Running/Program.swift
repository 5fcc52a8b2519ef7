// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The built program, run in a folder as a user runs it.
struct Program: Sendable {
  /// What a run came to.
  struct Result {
    /// The status, or 128 and the signal, as shells count.
    let status: Int32
    let output: String
    let error: String
    /// Most memory that the process held, in KiB.
    let peakMemory: Int

    /// The lines of the output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The program beside the tests.
  private static let path: String = {
    let tests = realpath(CommandLine.arguments[0], nil)
    defer { free(tests) }
    let folder = tests.map { FileSystem.parent(of: String(cString: $0)) } ?? "."
    return FileSystem.join(folder, "attune")
  }()

  /// Runs the program with the text on standard input and waits for its end.
  func callAsFunction(
    _ arguments: String..., input: String = "", output: String? = nil
  ) throws -> Result {
    try run(arguments, input: input, output: output)
  }

  /// Runs the program with a list of arguments; `environment` holds further variables with their values.
  func run(
    _ arguments: [String], input: String = "", output: String? = nil, environment: [String] = []
  ) throws -> Result {
    try start(arguments, input: input, output: output, environment: environment).wait()
  }

  /// Starts the program; its streams are files, so that nobody waits for a full pipe.
  func start(
    _ arguments: [String], input: String = "", output: String? = nil, environment: [String] = []
  ) throws -> RunningProgram {
    let run = ".run-\(UInt64.random(in: 0...(.max)))"
    let inputPath = try folder.write(input, to: "\(run)/input")
    let outputPath = output ?? folder.path("\(run)/output")
    let errorPath = folder.path("\(run)/error")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT, 0o600)
    // The threads that tests run on block signals, and a child would inherit that.
    var (attributes, noSignals) = (posix_spawnattr_t(), sigset_t())
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    // The shell only changes the folder: `exec` leaves its place to the program.
    let shell = ["sh", "-c", "cd \"$1\" && shift && exec env \"$@\"", "sh", folder.path]
    var words = (shell + environment + [Self.path] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", &actions, &attributes, &words, environ)
    guard failure == 0 else { throw FileError(.open, Self.path, errorNumber: failure) }
    return RunningProgram(
      process: process, outputPath: output == nil ? outputPath : nil, errorPath: errorPath)
  }
}

/// A run that has not been waited for.
struct RunningProgram {
  let process: pid_t
  fileprivate let outputPath: String?
  fileprivate let errorPath: String

  /// What stands on standard error so far.
  var error: String { get throws { try InputFile.text(of: errorPath) } }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process, signal) }

  /// Waits for the end.
  func wait() throws -> Program.Result {
    var (status, usage) = (Int32(0), rusage())
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Program.Result(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal,
      output: try outputPath.map { try InputFile.text(of: $0) } ?? "", error: try error,
      peakMemory: Int(usage.ru_maxrss))
  }
}
