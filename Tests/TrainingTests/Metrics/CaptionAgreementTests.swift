// SPDX-License-Identifier: Apache-2.0

import AttuneTraining
import Testing

@Suite("How far captions say the words of a reference")
struct CaptionAgreementTests {
  @Test("A caption is exact when one of its references has the same words")
  func exact() {
    let found = CaptionAgreement(
      ["A dog runs.", "two cats", "a bird"],
      references: [["The cat.", "a dog runs"], ["two cats sit"], ["the bird"]])
    #expect(found.exactShare == 1.0 / 3)
  }

  @Test("The F1 of words counts each word as often as both have it")
  func wordF1() {
    // 2 * 2 / (3 + 3): "the" is shared once only; then 2 * 1 / (1 + 3) against the better reference.
    let found = CaptionAgreement(
      ["the the dog", "cat"], references: [["the big dog"], ["a b c d", "a cat sat"]],
      tokenization: .none)
    #expect(abs(found.wordF1 - (2.0 / 3 + 0.5) / 2) < 1e-12)
    #expect(CaptionAgreement([""], references: [[""]]).wordF1 == 1)
    #expect(CaptionAgreement([""], references: [["a"]]).wordF1 == 0)
  }
}
