// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Spellings of the names in files")
struct NameSpellingTests {
  /// A model of every family with every head.
  private static let folders =
    (FamilyGolden.classifiers + FamilyGolden.masked).filter { $0 != "old-names" }
    .map { "Families/\($0)" }
    + (ModernGolden.classifiers + ModernGolden.masked).map { "Modern/\($0)" }

  private func tensors(of folder: ModelFolder) throws -> [NamedTensor] {
    let head = try EncoderFolder(folder).head
    return try head == .maskedTokens
      ? MaskedTokenFolder(folder).model.namedTensors : ClassifierFolder(folder).model.namedTensors
  }

  @Test(
    "Without the family's prefix, with gamma and beta, the model has the same bits",
    arguments: folders)
  func older(name: String) throws {
    let folder = try ModelFolder(Golden.path("Models/\(name)"))
    let prefix = try EncoderFolder(folder).family.layout.prefix
    let weights = try folder.weights()
    var counts = (prefixes: 0, norms: 0)
    let renamed: [NamedTensor] = try weights.tensors.map { stored in
      var theirs = stored.name
      if theirs.hasPrefix(prefix) {
        theirs.removeFirst(prefix.count)
        counts.prefixes += 1
      }
      if theirs.lowercased().contains("norm.") {
        theirs = theirs.replacing(".weight", with: ".gamma").replacing(".bias", with: ".beta")
        counts.norms += 1
      }
      return (theirs, try weights.tensor(named: stored.name))
    }
    #expect(counts.prefixes > 5 && counts.norms > 2)
    let temporary = try TemporaryFolder()
    try temporary.write(
      InputFile.bytes(of: folder.path(of: "config.json")), to: "config.json")
    try temporary.write(SafetensorsWriter(renamed).bytes(), to: "model.safetensors")
    let (found, expected) = (
      try tensors(of: ModelFolder(temporary.path)), try tensors(of: folder)
    )
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
    }
  }
}
