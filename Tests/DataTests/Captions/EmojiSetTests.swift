// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("The emoji in datasets")
struct EmojiSetTests {
  private func read(_ part: String, caption: String = "caption") throws -> CaptionedVectors {
    let start = Golden.path("../../datasets/emoji_\(part)_")
    return try CaptionedVectors(
      FeatureVectors(path: "\(start)features.npy"),
      CaptionTable(path: "\(start)captions.csv", captionColumn: caption))
  }

  @Test("Each vector has one name, in English and in French", arguments: ["train", "valid"])
  func parts(part: String) throws {
    let english = try read(part)
    #expect(english.vectors.count == (part == "train" ? 3_001 : 355))
    #expect(english.vectors.dimension == 128 && english.vectors.positionCount == 1)
    #expect(english.captions.allSatisfy { $0.count == 1 } && english.warning == nil)
    let french = try read(part, caption: "caption_fr")
    #expect(french.captions.allSatisfy { $0.count == 1 })
    #expect(french.captions[0] != english.captions[0])
  }

  @Test("No name stands in both parts")
  func apart() throws {
    let names = try ["train", "valid"].map { Set(try read($0).captions.joined()) }
    #expect(names[0].isDisjoint(with: names[1]))
  }

  @Test("The numbers are those that numpy reads")
  func numbers() throws {
    let vectors = try read("valid").vectors
    #expect(try vectors.values(of: 0)[0] == 4.7075305)
    #expect(try vectors.values(of: 354)[127] == -0.19254273)
  }
}
