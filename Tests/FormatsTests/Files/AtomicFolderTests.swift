// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("A folder appears with all its files or not at all")
struct AtomicFolderTests {
  let parent: TemporaryFolder

  init() throws { parent = try TemporaryFolder() }

  private func write(
    _ text: String, existing: AtomicFolder.Existing, to name: String = "model/"
  ) throws {
    let folder = try AtomicFolder(parent.path(name), existing: existing)
    try folder.write(Array(text.utf8), to: "config.json")
    try folder.write(Array(text.utf8), to: "1_Pooling/config.json")
    try folder.commit()
  }

  @Test("Nothing is seen before the commit, all after it")
  func commits() throws {
    let folder = try AtomicFolder(parent.path("model"))
    let file = try folder.open("model.safetensors")
    try file.write([1, 2])
    try file.write([3])
    #expect(!FileSystem.exists(parent.path("model")))
    try folder.commit()
    #expect(try InputFile.bytes(of: parent.path("model/model.safetensors")) == [1, 2, 3])
    #expect(try FileSystem.entries(of: parent.path) == ["model"])
  }

  @Test("Without a commit nothing stays")
  func discards() throws {
    do {
      let folder = try AtomicFolder(parent.path("model"))
      try folder.write([1], to: "a/b/c")
    }
    #expect(try FileSystem.entries(of: parent.path).isEmpty)
  }

  @Test("An existing folder, even an empty one, is refused unless it may be replaced")
  func refusesExisting() throws {
    try FileSystem.createFolder(parent.path("model"))
    let error = try #require(throws: FileError.self) { try write("new", existing: .refuse) }
    #expect(error.reason == .exists)
    #expect(error.exitCode == .cannotCreate)
    let folder = try AtomicFolder(parent.path("racing"))
    try FileSystem.createFolder(parent.path("racing"))
    #expect(throws: FileError.self) { try folder.commit() }
  }

  @Test("A folder of our kind is replaced whole")
  func replaces() throws {
    try write("old", existing: .refuse)
    try parent.write("stray", to: "model/stray")
    try write("new", existing: .replace(holding: ["config.json"]))
    #expect(try FileSystem.entries(of: parent.path("model")) == ["1_Pooling", "config.json"])
    #expect(try InputFile.text(of: parent.path("model/1_Pooling/config.json")) == "new")
    #expect(try FileSystem.entries(of: parent.path) == ["model"])
  }

  @Test("A folder of another kind is never replaced")
  func protectsOthers() throws {
    try parent.write("precious", to: "home/letter.txt")
    let error = try #require(throws: FileError.self) {
      try write("new", existing: .replace(holding: ["config.json"]), to: "home")
    }
    #expect(error.reason == .exists)
    #expect(try InputFile.text(of: parent.path("home/letter.txt")) == "precious")
  }

  @Test("Errors name the folder that the user knows")
  func namesTarget() throws {
    let folder = try AtomicFolder(parent.path("model"))
    try folder.write([1], to: "a")
    let error = try #require(throws: FileError.self) { try folder.write([1], to: "a") }
    #expect(error.path == parent.path("model/a"))
  }
}
