// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import TestSupport
import Testing

@Suite("Guessing masks")
struct FillMaskTests {
  let fill: FillMask

  init() throws { fill = try FillMask(contentsOf: Golden.path("Pipelines/FillMask/model")) }

  @Test("Tokens and probabilities are those of transformers' pipeline")
  func golden() throws {
    let answers = try InputFile.json(of: Golden.path("Pipelines/FillMask/answers.json")).fields()
    #expect(answers.count == 4)
    let texts = try answers.map { try $0.string(at: "text") }
    for (answer, filled) in zip(answers, try fill(texts)) {
      let masks = try answer.fields(at: "masks")
      #expect(masks.count == filled.masks.count)
      for (expected, found) in zip(masks, filled.masks) {
        for (expected, candidate) in zip(try expected.fields(), found) {
          #expect(try candidate.token == expected.string(at: "token"))
          #expect(try Int(candidate.id) == expected.integer(at: "id"))
          let probability = try expected.double(at: "probability")
          #expect(abs(candidate.probability - probability) < 1e-5 * probability)
        }
      }
    }
  }

  @Test("A text alone gets the answers that it gets among others")
  func batches() throws {
    let texts = ["the [MASK] was good", "[MASK]", "a film [MASK] a film [MASK]"]
    let together = try fill(texts, count: 3)
    for (text, filled) in zip(texts, together) {
      let alone = try fill(text, count: 3)
      #expect(
        alone.text == filled.text
          && alone.masks.map { $0.map(\.id) } == filled.masks.map { $0.map(\.id) })
      #expect(alone.masks.allSatisfy { $0.count == 3 })
    }
  }

  @Test("The likeliest few of many are the likeliest")
  func fewOfMany() throws {
    let text = "a film [MASK] the [MASK]"
    let (few, all) = (try fill(text, count: 4), try fill(text, count: 100_000))
    for (few, all) in zip(few.masks, all.masks) {
      #expect(few == Array(all.prefix(4)) && all.count == fill.configuration.vocabularySize)
      #expect(abs(all.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
      #expect(all.map(\.probability) == all.map(\.probability).sorted(by: >))
    }
  }

  @Test("Masks are replaced in the text as it was written")
  func replacing() throws {
    let filled = try fill("The  FILM was [MASK], or [MASK]?", count: 40)
    let whole = try #require(filled.masks[0].firstIndex { !$0.token.hasPrefix("##") })
    let token = filled.masks[0][whole].token
    #expect(filled.text(mask: 0, candidate: whole) == "The  FILM was \(token), or [MASK]?")
    if let part = filled.masks[1].firstIndex(where: { $0.token.hasPrefix("##") }) {
      let end = filled.masks[1][part].token.dropFirst(2)
      #expect(filled.text(mask: 1, candidate: part) == "The  FILM was [MASK], or\(end)?")
    }
    #expect(!filled.best.contains("[MASK]") || filled.masks.contains { $0[0].token == "[MASK]" })
  }

  @Test("A text without a mask, or one that is too long, is refused with what to do")
  func refusedTexts() throws {
    let missing = #expect(throws: FillMaskError.self) { try fill(["a [MASK]", "the film"]) }
    #expect(missing?.description.contains("text 2 ('the film')") == true)
    #expect(missing?.description.contains("[MASK]") == true)
    let long = String(repeating: "film ", count: 30) + "[MASK]"
    let error = #expect(throws: FillMaskError.self) { try fill(long) }
    #expect(error?.description.contains("24 at most") == true)
  }

  @Test("Folders of other kinds are refused with advice")
  func refusedFolders() throws {
    let classifier = Golden.path("Models/Classifiers/bert")
    let error = #expect(throws: FillMaskError.self) { try FillMask(contentsOf: classifier) }
    #expect(error?.description.contains("attune pretrain TEXTS --from \(classifier)") == true)
    #expect(throws: FillMaskError.self) {
      try FillMask(contentsOf: Golden.path("Models/Embedders/folder"))
    }
  }
}
