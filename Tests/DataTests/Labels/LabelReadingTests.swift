// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import Testing

@Suite("Sets of labels and numbers are read")
struct LabelReadingTests {
  private func set(_ text: String, _ labels: LabelReading) throws -> LabelledTextSet {
    try LabelledTextSet(
      Table(MemoryByteSource(Array(text.utf8), name: "x.csv")), labels: labels)
  }

  private func message(_ work: () throws -> some Any) -> String {
    do { return "no error, but \(try work())" } catch { return "\(error)" }
  }

  @Test("Several labels in a field are separated, each counts once, and there may be none")
  func separates() throws {
    let set = try set(
      "text,tags\na,red; blue\nb,blue;;blue\nc,\nd, green \n",
      .separated(column: "tags", separator: ";"))
    #expect(set.examples.map(\.labels) == [["red", "blue"], ["blue"], [], ["green"]])
    #expect(set.labels == ["blue", "green", "red"])
    #expect(set.report().counts.map(\.count) == [2, 1, 1])
    #expect(set.examples[0].label == "red, blue")
  }

  @Test("Labels with columns of their own hold where these say yes")
  func readsColumns() throws {
    let text = "text,red,blue,other\na,1,0,x\nb,no,TRUE,x\nc,,0.0,x\n"
    let set = try set(text, .columns(["blue", "Red"]))
    #expect(set.examples.map(\.labels) == [["red"], ["blue"], []])
    #expect("\(try #require(set.choice))".hasPrefix("text: 'text', labels: 'blue' + 'red'"))
    #expect(
      message { try self.set(text, .columns(["red", "other"])) }
        == "x.csv:2: column 'other' holds 'x', expected 1 or 0 (true or false, yes or no): whether "
        + "the label holds.")
    #expect(message { try self.set(text, .columns(["bleu"])) }.contains("Did you mean 'blue'?"))
  }

  @Test("Numbers are read; what is none is refused with its lines")
  func readsNumbers() throws {
    let whole = LabelReading.whole(column: nil)
    let numbers = try set("text,stars\na,4.5\nb,-1\nc,2e1\n", whole)
    #expect(try numbers.numbers() == [4.5, -1, 20])
    #expect(numbers.labels == ["-1", "4.5", "2e1"])
    for wrong in ["good", "nan", "0x10", "1e999", "1,5"] {
      let set = try set("text,stars\na,1\nb,\"\(wrong)\"\n", whole)
      #expect(
        message { try set.numbers() }
          == "x.csv:3: the label '\(wrong)' is not a number, expected one such as 3 or 4.5.")
    }
  }

  @Test("Sets of labels are divided so that the rarest label of each keeps its share")
  func splitsSets() throws {
    let examples = (0..<200).map { number in
      LabelledText(
        parts: ["text \(number)"], labels: number % 10 == 0 ? ["often", "rare"] : ["often"],
        line: number)
    }
    let set = LabelledTextSet(file: "x", examples: examples)
    let split = try StratifiedSplit(set, fraction: 0.2, seed: 3, strata: .rarestLabels)
    let validation = set.subset(split.validation)
    #expect(validation.report().counts.map(\.count) == [40, 4])
    let plain = try StratifiedSplit(set, fraction: 0.2, seed: 3, strata: .none)
    #expect(plain.validation.count == 40 && plain.training.count == 160)
  }
}
