// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttunePipelines
import TestSupport
import Testing

@Suite("Models inside the program")
struct BundledModelTests {
  @Test(
    "The files are those of the package's folders, byte for byte", arguments: BundledModel.allCases)
  func files(model: BundledModel) throws {
    let source = Golden.path("../../Sources/CAttuneBundledModel/\(model)")
    let names = Set(FileSystem.isFolder(source) ? try FileSystem.entries(of: source) : [])
    guard names.contains(ModelFolder.configurationFile) else {
      #expect(!model.isPresent)
      return
    }
    let folder = try model.folder()
    // Cards are for people; what both languages share need not lie there twice.
    #expect(
      try Set(folder.files.entries()).subtracting(["target.spm"])
        == names.subtracting(["README.md", "target.spm"]))
    for name in try folder.files.entries() {
      let twin = names.contains(name) ? name : "source.spm"
      #expect(
        try folder.files.bytes(of: name) == InputFile.bytes(of: FileSystem.join(source, twin)))
    }
  }

  @Test("A model that is not compiled in is an error that says what to do")
  func missing() throws {
    for model in BundledModel.allCases where !model.isPresent {
      let error = try #require(throws: MissingBundledModelError.self) { try model.folder() }
      #expect(error.exitCode == .usage && error.description.contains("--model"))
      #expect(error.description.contains("\(model)"))
    }
    #expect(BundledModel.classifier.isPresent)
  }

  @Test("A translator in memory translates as it does from disk")
  func translatorInMemory() throws {
    let path = Golden.path("Models/Translators/relu")
    var files: [String: ConstantBytes] = [:]
    for name in try FileSystem.entries(of: path) {
      let bytes = try InputFile.bytes(of: FileSystem.join(path, name))
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      buffer.copyBytes(from: bytes)
      files[name] = ConstantBytes(UnsafeRawBufferPointer(buffer))
    }
    let folder = try ModelFolder(FileFolder(embedded: files, name: "memory"))
    let text = "The station is near the river."
    let (inMemory, onDisk) = (
      Translation(try OpenTranslator(folder)), try Translation(contentsOf: path)
    )
    #expect(inMemory.translate(text) == onDisk.translate(text))
  }
}
