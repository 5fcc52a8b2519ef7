// SPDX-License-Identifier: Apache-2.0

import AttuneData
import Testing

@Suite("The labels of a file are matched with those of a model")
struct LabelMatchingTests {
  private let known = ["NEGATIVE", "POSITIVE"]

  private func matching(
    _ labels: [String], _ map: [(label: String, meaning: String)] = []
  ) throws -> LabelMatching {
    try LabelMatching(labels, known: known, map: map, file: "x.csv")
  }

  @Test("Equal names come first, and need no word")
  func names() throws {
    let matching = try matching(["POSITIVE"])
    #expect(matching.kind == .names && matching.renamed.isEmpty)
    #expect(matching["POSITIVE"] == 1 && matching["NEGATIVE"] == nil)
    // Numbers that are names are not places.
    let stars = try LabelMatching(["1", "2"], known: ["1", "2", "3"], file: "x.csv")
    #expect(stars["1"] == 0 && stars["2"] == 1 && stars.kind == .names)
  }

  @Test("Names may differ in case, where only one label fits")
  func foldedNames() throws {
    let matching = try matching(["Positive", "NEGATIVE"])
    #expect(matching.kind == .foldedNames && matching["Positive"] == 1 && matching["NEGATIVE"] == 0)
    #expect(matching.renamed.map(\.label) == ["Positive"])
    #expect(throws: UnknownLabelsError.self) {
      try LabelMatching(["pos"], known: ["Pos", "POS"], file: "x.csv")
    }
  }

  @Test("Numbers are places where no name fits, all of them or none")
  func places() throws {
    let matching = try matching(["0", "1"])
    #expect(matching.kind == .places && matching["0"] == 0 && matching["1"] == 1)
    #expect(matching.renamed.map(\.meaning) == known)
    #expect(throws: UnknownLabelsError.self) { try self.matching(["1", "2"]) }
    #expect(throws: UnknownLabelsError.self) { try self.matching(["0", "POSITIVE"]) }
  }

  @Test("What the user says holds, for names and places")
  func map() throws {
    let matching = try matching(
      ["pos", "neg", "4"], [("pos", "POSITIVE"), ("neg", "0"), ("4", "1")])
    #expect(matching.kind == .map)
    #expect(["pos", "neg", "4"].map { matching[$0] } == [1, 0, 1])
    // It may turn round what names say.
    #expect(try self.matching(["NEGATIVE"], [("NEGATIVE", "POSITIVE")])["NEGATIVE"] == 1)
    let error = #expect(throws: UnknownLabelsError.self) {
      try self.matching(["pos"], [("pos", "POSITVE")])
    }
    #expect(error?.description.contains("--label-map: ") == true)
    #expect(error?.description.contains("did you mean 'POSITIVE'?") == true)
  }

  @Test("The error names what is unknown and how to map it")
  func explains() {
    let error = #expect(throws: UnknownLabelsError.self) { try matching(["good", "POSITIVE"]) }
    #expect(error?.unknown == ["good"])
    #expect(error?.description.contains("--label-map good=NEGATIVE") == true)
  }
}
