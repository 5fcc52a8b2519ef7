// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Files are read")
struct InputFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("A missing file, a folder and a folder that is a file are told apart")
  func explainsMissing() throws {
    let missing = try #require(throws: FileError.self) {
      try InputFile.bytes(of: folder.path("absent"))
    }
    #expect(missing.reason == .missing)
    #expect(missing.exitCode == .noInput)
    #expect(missing.description == "\(folder.path("absent")): no such file or folder.")
    let isFolder = try #require(throws: FileError.self) { try InputFile.open(folder.path) }
    #expect(isFolder.description == "\(folder.path): is a folder, expected a file.")
    let path = try folder.write("x", to: "a")
    let isFile = try #require(throws: FileError.self) { try InputFile.bytes(of: path + "/b") }
    #expect(isFile.reason == .isNotFolder)
  }

  @Test(
    "Files of any size are read whole, and files without a size too", arguments: [0, 1, 70_000])
  func readsWhole(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    let path = try folder.write(bytes, to: "a")
    #expect(try InputFile.bytes(of: path) == bytes)
    #expect(try RandomAccessFile(path).bytes(in: 0..<(size + 5)) == bytes)
    let limited = Result { try InputFile.bytes(of: path, limit: 1) }
    #expect((limited.failure as? FileError)?.exitCode == (size > 1 ? .ioError : nil))
    if FileSystem.exists("/proc/self/status") {
      #expect(try InputFile.bytes(of: "/proc/self/status").count > 100)
    }
  }

  @Test("What tells no size is refused as soon as it is longer than the limit")
  func limitsStreams() throws {
    let path = "/proc/self/status"
    guard FileSystem.exists(path) else { return }
    let error = try #require(throws: FileError.self) { try InputFile.bytes(of: path, limit: 10) }
    #expect(error.description == "\(path): is too large to be read into memory at once.")
  }

  @Test("Text must be UTF-8; a byte order mark is left out")
  func readsText() throws {
    let marked = try folder.write([0xEF, 0xBB, 0xBF, 0xC3, 0xA9], to: "a")
    #expect(try InputFile.text(of: marked) == "é")
    let latin = try folder.write([0x61, 0x61, 0xE9, 0x61], to: "b")
    let error = try #require(throws: TextError.self) { try InputFile.text(of: latin) }
    #expect(error.offset == 2)
  }

  @Test("Paths are split into folder and name")
  func splitsPaths() {
    #expect(FileSystem.parent(of: "a") == ".")
    #expect(FileSystem.parent(of: "/a") == "/")
    #expect(FileSystem.parent(of: "a/b/") == "a")
    #expect(FileSystem.parent(of: "/") == "/")
    #expect(FileSystem.name(of: "a/b/") == "b")
    #expect(FileSystem.name(of: "/") == "/")
    #expect(FileSystem.join("/", "a") == "/a")
    #expect(FileSystem.join("a", "b") == "a/b")
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
