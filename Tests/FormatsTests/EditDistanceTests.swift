// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Testing

@Suite("Edit distance")
struct EditDistanceTests {
  @Test(
    "Known distances",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
      ("ca", "abc", 3), ("postive", "positive", 1), ("é", "e", 1), ("same", "same", 0),
    ])
  func distance(first: String, second: String, expected: Int) {
    #expect(EditDistance.between(first, second) == expected)
    #expect(EditDistance.between(second, first) == expected)
  }

  @Test("The nearest name is suggested, without case, and only when it is near")
  func nearest() {
    #expect(EditDistance.nearest(to: "Lable", in: ["text", "label", "table"]) == "label")
    #expect(EditDistance.nearest(to: "xyz", in: ["text", "label"]) == nil)
    #expect(EditDistance.nearest(to: "a", in: []) == nil)
    #expect(EditDistance.suggestion(for: "modle", in: ["model"]) == " Did you mean 'model'?")
    #expect(EditDistance.suggestion(for: "q", in: ["model"]) == "")
    #expect(EditDistance.nearest(to: String(repeating: "a", count: 1_000_000), in: ["a"]) == nil)
  }
}
