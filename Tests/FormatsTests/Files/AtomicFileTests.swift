// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import AttuneFormats

@Suite("A file appears complete or not at all")
struct AtomicFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func reason(_ work: () throws -> Void) -> FileError.Reason? {
    do {
      try work()
    } catch {
      return (error as? FileError)?.reason
    }
    return nil
  }

  @Test("Nothing is seen before the commit, all after it")
  func commits() throws {
    let path = folder.path("a.txt")
    let file = try AtomicFile(path)
    try file.write(Array("one ".utf8))
    try file.write(Array("two".utf8))
    #expect(!FileSystem.exists(path))
    try file.commit()
    #expect(try InputFile.text(of: path) == "one two")
    #expect(try FileSystem.entries(of: folder.path) == ["a.txt"])
  }

  @Test("Without a commit nothing stays")
  func discards() throws {
    do {
      let file = try AtomicFile(folder.path("a.txt"))
      try file.write([1])
      #expect(try FileSystem.entries(of: folder.path).count == 1)
    }
    #expect(try FileSystem.entries(of: folder.path).isEmpty)
  }

  @Test("An existing file is kept or replaced, as asked")
  func respectsExisting() throws {
    let path = try folder.write("old", to: "a.txt")
    #expect(reason { _ = try AtomicFile(path, existing: .refuse) } == .exists)
    #expect(try InputFile.text(of: path) == "old")
    try AtomicFile.write(Array("new".utf8), to: path, existing: .replace)
    #expect(try InputFile.text(of: path) == "new")
    let racing = folder.path("b.txt")
    let file = try AtomicFile(racing, existing: .refuse)
    try folder.write("faster", to: "b.txt")
    #expect(reason { try file.commit() } == .exists)
    #expect(try InputFile.text(of: racing) == "faster")
  }

  @Test("A missing parent is refused or made, as asked; a file or folder in the way is named")
  func needsParent() throws {
    let path = folder.path("x/y/a.txt")
    let error = try #require(throws: FileError.self) { try AtomicFile(path) }
    #expect(error.reason == .missingParent)
    #expect(error.exitCode == .cannotCreate)
    #expect(error.description == "\(path): the folder to hold it does not exist.")
    try AtomicFile.write([1], to: path, parents: .created)
    #expect(try InputFile.bytes(of: path) == [1])
    #expect(reason { _ = try AtomicFile(path + "/b") } == .isNotFolder)
    #expect(reason { _ = try AtomicFile(folder.path("x"), existing: .replace) } == .isFolder)
  }

  @Test("A full disk is told as such", arguments: [ENOSPC, EDQUOT])
  func tellsFullDisk(errorNumber: Int32) {
    let error = FileError(.write, "model", errorNumber: errorNumber)
    #expect(error.reason == .noSpace)
    #expect(error.exitCode == .ioError)
    #expect(error.description.hasPrefix("model: no space is left for it"))
  }

  @Test("When the space ends midway, the old file stays and nothing is left over")
  func survivesSizeLimit() async {
    // The limit holds for a process, so it needs one of its own.
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = try folder.write("old", to: "a.txt")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4_096, rlim_max: 4_096)
      #if canImport(Darwin)
        setrlimit(RLIMIT_FSIZE, &limit)
      #else
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #endif
      let error = try #require(throws: FileError.self) {
        try AtomicFile.write([UInt8](repeating: 1, count: 100_000), to: path)
      }
      try #require(error.reason == .noSpace)
      try #require(error.path == path)
      try #require(try InputFile.text(of: path) == "old")
      try #require(try FileSystem.entries(of: folder.path) == ["a.txt"])
    }
  }

  @Test("Only what no living process owns is removed as a leftover")
  func removesLeftovers() throws {
    try folder.write("x", to: ".a.txt\(Temporary.marker)123")
    try FileSystem.createFolder(folder.path(".b\(Temporary.marker)456/deep"))
    try folder.write("x", to: ".keep")
    let living = try AtomicFile(folder.path("c.txt"))
    let removed = try AtomicFile.removeLeftovers(in: folder.path)
    #expect(removed == [".a.txt\(Temporary.marker)123", ".b\(Temporary.marker)456"])
    try living.commit()
    #expect(try FileSystem.entries(of: folder.path) == [".keep", "c.txt"])
  }

  @Test("Without the kernel's help the fallbacks keep the promises")
  func fallsBack() throws {
    for name in ["new", "old", "taken"] {
      try folder.write(name, to: "\(name)/file")
    }
    #expect(
      reason { try Rename.claimAndReplaceFolder(folder.path("new"), folder.path("taken")) }
        == .exists)
    try Rename.swapInThreeSteps(folder.path("new"), folder.path("old"))
    #expect(try InputFile.text(of: folder.path("old/file")) == "new")
    #expect(try InputFile.text(of: folder.path("new/file")) == "old")
    try Rename.claimAndReplaceFolder(folder.path("new"), folder.path("free"))
    #expect(try FileSystem.entries(of: folder.path) == ["free", "old", "taken"])
  }
}
