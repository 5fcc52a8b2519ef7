// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import Testing

/// Reads a set from CSV text.
private func set(
  _ text: String, name: String = "x.csv", emptyTexts: LabelledTextSet.EmptyTexts = .refused
) throws -> LabelledTextSet {
  let table = try Table(MemoryByteSource(Array(text.utf8), name: name))
  return try LabelledTextSet(table, emptyTexts: emptyTexts)
}

private func message(_ work: () throws -> some Any) -> String {
  do {
    return "no error, but \(try work())"
  } catch {
    return "\(error)"
  }
}

@Suite("Labelled texts are read and looked at")
struct LabelledTextSetTests {
  @Test("Labels are trimmed and sorted by bytes, whole numbers by value")
  func sortsLabels() throws {
    #expect(try set("text,label\na,neg \nb, pos\nc,neg\nd,Zoo\n").labels == ["Zoo", "neg", "pos"])
    #expect(try set("text,label\na,10\nb,9\nc,-1\n").labels == ["-1", "9", "10"])
    #expect(try set("text,label\na,10\nb,9\nc,x\n").labels == ["10", "9", "x"])
  }

  @Test("The report finds counts, repeats, near repeats and contradictions")
  func reports() throws {
    let report = try set(
      "text,label\nGood,1\nBad,0\nGood,1\ngood ,1\n GOOD,0\n\"a  b\",0\nA\tB,0\n ,1\n",
      emptyTexts: .kept
    ).report()
    #expect(report.counts.map(\.label) == ["0", "1"])
    #expect(report.counts.map(\.count) == [4, 4])
    #expect(report.duplicateLines == [4])
    #expect(report.nearDuplicateLines == [5, 6, 8])
    #expect(report.conflicts == [[2, 4, 5, 6]])
    #expect(report.emptyLines == [9])
  }

  @Test("Texts of the training set are found in the validation set")
  func findsLeaks() throws {
    let training = try set("text,label\nOne,1\ntwo,0\n")
    let validation = try set("text,label\nthree,1\n one,1\nTWO,0\n")
    #expect(training.leaks(into: validation) == [3, 4])
  }

  @Test("Empty texts and labels are refused with their lines, or dropped, or kept")
  func refusesEmpty() throws {
    let text = "text,label\na,1\n\"\",0\nb,0\n  ,1\n"
    #expect(message { try set(text) }.hasPrefix("x.csv: lines 3, 5: the text is empty."))
    let dropped = try set(text, emptyTexts: .dropped)
    #expect(dropped.examples.map(\.line) == [2, 4])
    #expect(dropped.droppedCount == 2)
    #expect(try set(text, emptyTexts: .kept).examples.count == 4)
    #expect(message { try set("text,label\na,1\nb, \n") } == "x.csv:3: the label is empty.")
    #expect(message { try set("text,label\n") } == "x.csv: there are no rows after the header.")
  }

  @Test("One class, or a label that only validation has, is refused before training")
  func checksForTraining() throws {
    let one = try set("text,label\na,pos\nb,pos\n")
    #expect(
      message { try one.checkForTraining() }
        == "x.csv: every example is labelled 'pos', expected two or more classes.")
    let two = try set("text,label\na,positive\nb,negative\n")
    try two.checkForTraining(validation: two)
    let other = try set("text,label\na,postive\nb,negative\n", name: "v.csv")
    #expect(
      message { try two.checkForTraining(validation: other) }
        == "v.csv: 'postive' not among the labels of the training data, 'negative', 'positive'. "
        + "Did you mean 'positive'?")
  }
}

@Suite("Examples are split by label")
struct StratifiedSplitTests {
  private func examples(_ count: Int) -> [LabelledText] {
    (0..<count).map { number in
      LabelledText(
        parts: ["text \(number)"], label: number % 4 == 0 ? "rare" : "often", line: number + 2)
    }
  }

  @Test("Each label keeps its share, and every example is on one side")
  func keepsShares() throws {
    let set = LabelledTextSet(file: "x", examples: examples(400))
    let split = try StratifiedSplit(set, fraction: 0.1, seed: 1)
    #expect(set.subset(split.validation).report().counts.map(\.count) == [30, 10])
    #expect((split.training + split.validation).sorted() == Array(0..<400))
  }

  @Test("The seed decides, the order of the file does not")
  func isDeterministic() throws {
    func validationTexts(_ examples: [LabelledText], seed: UInt64) throws -> Set<String> {
      let set = LabelledTextSet(file: "x", examples: examples)
      let split = try StratifiedSplit(set, fraction: 0.2, seed: seed)
      return Set(split.validation.map { examples[$0].parts[0] })
    }
    let forward = try validationTexts(examples(100), seed: 3)
    #expect(try forward == validationTexts(examples(100).reversed(), seed: 3))
    #expect(try forward != validationTexts(examples(100), seed: 4))
  }

  @Test("Equal texts stay on one side")
  func keepsEqualTogether() throws {
    let twins = (0..<200).map { number in
      LabelledText(
        parts: [number % 2 == 0 ? "Text \(number / 2)" : " text  \(number / 2)"],
        label: number % 4 < 2 ? "a" : "b", line: number)
    }
    let set = LabelledTextSet(file: "x", examples: twins)
    for seed in 0..<5 as Range<UInt64> {
      let split = try StratifiedSplit(set, fraction: 0.3, seed: seed)
      #expect(set.subset(split.training).leaks(into: set.subset(split.validation)).isEmpty)
      #expect(split.validation.count == 60)
    }
  }

  @Test("A class that cannot be on both sides is refused; one of two texts is split")
  func needsTwo() throws {
    let lone = examples(10) + [LabelledText(parts: ["x"], label: "single", line: 99)]
    let error = try #require(throws: LabelledDataError.self) {
      try StratifiedSplit(LabelledTextSet(file: "x", examples: lone), fraction: 0.1, seed: 1)
    }
    #expect(error.problem == .tooFewToSplit(["single"]))
    let pair = ["a", "b", "c", "d"].enumerated().map { place, text in
      LabelledText(parts: [text], label: place < 2 ? "0" : "1", line: place)
    }
    for fraction in [0.01, 0.99] {
      let set = LabelledTextSet(file: "x", examples: pair)
      let split = try StratifiedSplit(set, fraction: fraction, seed: 1)
      #expect(split.validation.count == 2)
      #expect(set.subset(split.training).labels == ["0", "1"])
    }
  }
}
