// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Folders are read from disk and from memory")
struct FileFolderTests {
  static let files = [
    ("config.json", Array("{\"size\": 3}".utf8)), ("inside/a", [1, 2, 3]), ("inside/b", []),
  ]
  let temporary: TemporaryFolder
  let folders: [FileFolder]

  init() throws {
    temporary = try TemporaryFolder()
    var embedded: [String: ConstantBytes] = [:]
    for (name, bytes) in Self.files {
      try temporary.write(bytes, to: name)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      buffer.copyBytes(from: bytes)
      embedded[name] = ConstantBytes(UnsafeRawBufferPointer(buffer))
    }
    folders = [
      FileFolder(temporary.path), FileFolder(embedded: embedded, name: temporary.path),
    ]
  }

  @Test("Both give the same names, sizes, bytes and values")
  func agree() throws {
    for folder in folders {
      #expect(try folder.entries() == ["config.json", "inside"])
      #expect(folder.has("config.json") && folder.has("inside/a") && !folder.has("a"))
      let inside = folder.subfolder("inside")
      #expect(try inside.entries() == ["a", "b"] && inside.bytes(of: "a") == [1, 2, 3])
      #expect(try inside.size(of: "a") == 3 && inside.size(of: "b") == 0)
      #expect(inside.path(of: "a") == temporary.path("inside/a"))
      #expect(try folder.json("config.json").integer(at: "size") == 3)
      #expect(folder.subfolder("").path == folder.path)
    }
    #expect(folders.map(\.isOnDisk) == [true, false])
  }

  @Test("Both are read by position, also beyond the end")
  func positions() throws {
    for folder in folders {
      let contents = try folder.contents(of: "inside/a")
      #expect(try contents.size == 3 && contents.bytes(in: 1..<9) == [2, 3])
      var target: [UInt8] = [9, 9, 9]
      let count = try target.withUnsafeMutableBytes { try contents.read(into: $0, at: 2) }
      #expect(count == 1 && target == [3, 9, 9])
    }
  }

  @Test("A missing file is told alike")
  func missing() throws {
    for folder in folders {
      let error = try #require(throws: FileError.self) { try folder.bytes(of: "absent") }
      #expect(error.reason == .missing && error.path == temporary.path("absent"))
      #expect(throws: error) { try folder.size(of: "absent") }
    }
  }
}
