// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Foundation
import TestSupport
import Testing

@Suite("Texts are translated")
struct TranslateTests {
  let program: Program
  /// A tiny Marian model of random numbers, as transformers saves it.
  let model = Golden.path("Models/Translators/relu")
  let texts = ["The station is near the river.", "Where?"]
  /// What `generate` of transformers makes of the texts greedily, 12 tokens at most.
  let expected: [String]

  init() throws {
    program = try Program()
    expected = try Array(
      InputFile.json(of: Golden.path("Models/Translators/relu.json")).strings(at: "decoded")
        .prefix(2))
  }

  private func translate(_ arguments: [String], input: String = "") throws -> Program.Result {
    let result = try program.run(["translate", "--model", model] + arguments, input: input)
    #expect(result.status == 0, "\(result.error)")
    return result
  }

  private let greedy = ["--beam-size", "1", "--max-decoding-length", "12"]

  @Test("Greedy translations are those of transformers, from arguments, lines and tables")
  func greedyTranslations() throws {
    #expect(try translate(greedy + texts).lines == expected)
    let lines = texts.joined(separator: "\n") + "\n"
    #expect(try translate(greedy + ["-"], input: lines).lines == expected)
    #expect(try translate(greedy + ["--stream", "-"], input: lines).lines == expected)
    #expect(try translate(greedy + ["--batch-size", "1", "-"], input: lines).lines == expected)
    try program.folder.write("text\n\(lines)", to: "texts.csv")
    _ = try translate(greedy + ["--input", "texts.csv", "--output", "out.txt"])
    #expect(
      try InputFile.text(of: program.folder.path("out.txt"))
        == expected.joined(separator: "\n") + "\n")
  }

  private func objects(_ result: Program.Result) throws -> [JSONField] {
    try result.lines.map { JSONField(try JSONValue(parsing: Array($0.utf8))) }
  }

  @Test("JSON lines hold source, text and score, and with --n-best all hypotheses, best first")
  func jsonLines() throws {
    let rows = try objects(
      translate(["--json", "--n-best", "3", "--max-decoding-length", "9"] + texts))
    #expect(try rows.map { try $0.string(at: "source") } == texts)
    for row in rows {
      let found = try row.fields(at: "hypotheses")
      let scores = try found.map { try $0.double(at: "score") }
      #expect(scores.count == 3 && scores == scores.sorted(by: >))
      #expect(try row.double(at: "score") == scores[0])
      #expect(try row.string(at: "text") == found[0].string(at: "text"))
    }
    let plain = try translate(["--n-best", "2", "--max-decoding-length", "9"] + texts).lines
    #expect(plain.map { $0.split(separator: "\t")[0] } == ["1", "1", "2", "2"])
  }

  @Test("Without a folder the bundled model translates, where the package has one")
  func bundled() throws {
    let result = try program.run(["translate", "Where is the station?"])
    let folder = Golden.path("../../Sources/CAttuneBundledModel/translator")
    if FileSystem.exists(FileSystem.join(folder, "config.json")) {
      #expect(result.status == 0 && result.output.contains("gare"), "\(result)")
      try program.folder.write("I love you.\n", to: "one.en")
      try program.folder.write(result.output, to: "one.fr")
      let measured = try program.run(["evaluate", "one.en", "one.fr"])
      #expect(measured.status == 0 && measured.output.contains("BLEU"), "\(measured)")
    } else {
      #expect(result.status == 64 && result.error.contains("--model"), "\(result)")
    }
  }

  @Test("Nothing becomes nothing, and is told")
  func emptyTexts() throws {
    let result = try translate(greedy + ["-"], input: "Where?\n\n")
    #expect(result.output == "\(expected[1])\n\n")
    #expect(result.error.contains("1 text is empty"))
  }

  @Test("Sampling repeats under a seed, in any batch, and changes with it")
  func sampling() throws {
    func drawn(_ more: [String]) throws -> [String] {
      try translate(
        ["--sampling-topk", "0", "--max-decoding-length", "8"] + more + ["-"],
        input: (texts + texts).joined(separator: "\n")
      ).lines
    }
    let first = try drawn(["--seed", "3"])
    #expect(try drawn(["--seed", "3", "--batch-size", "1"]) == first)
    #expect(try drawn(["--seed", "4"]) != first)
    // The same text has draws of its own where it stands again.
    #expect(first[0] != first[2])
  }

  @Test("Given translations get the score that the search gave them")
  func references() throws {
    let found = try objects(
      translate(["--json", "--max-decoding-length", "40", "--min-decoding-length", "0"] + texts))
    let written = try found.map { try $0.string(at: "text") }
    try program.folder.write(written.joined(separator: "\n"), to: "references.txt")
    let rows = try objects(translate(["--json", "--score-references", "references.txt"] + texts))
    for row in rows {
      let parts = try row.doubles(at: "token_log_probabilities")
      #expect(try parts.count == row.strings(at: "tokens").count)
      #expect(abs(parts.reduce(0, +) - (try row.double(at: "log_probability"))) < 1e-9)
      #expect(
        abs(try row.double(at: "log_probability") / Double(parts.count) - row.double(at: "score"))
          < 1e-9)
    }
    let short = try program.run(
      ["translate", "--model", model, "--score-references", "references.txt"] + texts + ["More."])
    #expect(short.status == 65 && short.error.contains("fewer lines"))
  }

  @Test("Attention is shown as a table, as JSON whose rows add up to 1, and as a picture")
  func alignments() throws {
    let table = try translate(greedy + ["--align", "table", texts[0]])
    #expect(table.output.hasPrefix(expected[0] + "\n") && table.output.contains("</s>"))
    let row = try objects(translate(greedy + ["--align", "json", texts[0]]))[0]
    let weights = try row.fields(at: "alignment", "weights").map { try $0.doubles() }
    #expect(weights.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-4 })
    #expect(try weights.count == row.strings(at: "alignment", "target_tokens").count)
    #expect(
      try weights.allSatisfy {
        $0.count == (try row.strings(at: "alignment", "source_tokens").count)
      })
    let picture = try translate(greedy + ["--align", "svg"] + texts).output
    #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    #expect(picture.components(separatedBy: "<g ").count == 3)
  }

  @Test("An unknown token becomes the source token that it attends to most")
  func unknownReplacement() throws {
    let row = try objects(
      translate(
        greedy + [
          "--target-prefix", "日", "--prefix-bias-beta", "0.999999", "--replace-unknowns", "--align",
          "json", texts[0],
        ]))[0]
    let alignment = try row.field(at: "alignment")
    let sources = try alignment.strings(at: "source_tokens")
    var pieces = try alignment.strings(at: "target_tokens")
    #expect(pieces.contains("<unk>"))
    for (place, weights) in try alignment.fields(at: "weights").enumerated()
    where pieces[place] == "<unk>" {
      let words = try weights.doubles().dropLast()
      pieces[place] = sources[try #require(words.indices.max { words[$0] < words[$1] })]
    }
    let expected = pieces.joined().split(separator: "\u{2581}").joined(separator: " ")
    #expect(try row.string(at: "text") == expected.replacingOccurrences(of: "</s>", with: ""))
  }

  @Test("A translator is measured on a table of pairs and on two files alike")
  func evaluation() throws {
    try program.folder.write(texts.joined(separator: "\n"), to: "test.en")
    try program.folder.write("\(expected[0])\nOù ?\n", to: "test.fr")
    try program.folder.write("\(texts[0])\t\(expected[0])\n\(texts[1])\tOù ?\n", to: "test.tsv")
    let common = ["evaluate", "--model", model, "--beam-size", "1", "--max-decoding-length", "12"]
    let two = try program.run(common + ["test.en", "test.fr"])
    #expect(two.status == 0, "\(two.error)")
    let signature = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
    #expect(two.lines[0].hasPrefix("BLEU|\(signature) = "))
    let one = try program.run(common + ["test.tsv", "--json", "--save-translations", "out.txt"])
    let document = JSONField(try JSONValue(parsing: Array(one.output.utf8)))
    #expect(try document.string(at: "bleu", "signature") == signature)
    let score = try document.double(at: "bleu", "score")
    #expect(two.lines[0].contains(String(format: " = %.2f ", score)) && score > 5)
    #expect(
      try InputFile.text(of: program.folder.path("out.txt")).split(separator: "\n").map(String.init)
        == expected)
    try program.folder.write("one\n", to: "short.fr")
    let unequal = try program.run(common + ["test.en", "short.fr"])
    #expect(unequal.status == 65 && unequal.error.contains("2 lines"), "\(unequal.error)")
  }

  @Test("A folder for something else is refused with the command that uses it")
  func wrongFolders() throws {
    let classify = try program("classify", "--model", model, "x")
    #expect(classify.status == 65 && classify.error.contains("'attune translate' uses it"))
    let classifier = Golden.path("Models/Classifiers/bert")
    let translate = try program("translate", "--model", classifier, "x")
    #expect(translate.status == 65 && translate.error.contains("'attune classify' uses it"))
  }

  @Test(
    "Searches that contradict themselves are refused",
    arguments: [
      (["--beam-size", "0"], "--beam-size is 0"),
      (["--beam-size", "1025"], "expected a number from 1 to 1024"),
      (["--length-penalty", "1e300"], "--length-penalty is 1e+300"),
      (["--length-penalty", "nan"], "--length-penalty is nan"),
      (["--beam-size", "2", "--n-best", "3"], "finds no more"),
      (["--beam-size", "2", "--sampling-topk", "5"], "not both"),
      (["--sampling-topp", "0"], "--sampling-topp is 0"),
      (["--prefix-bias-beta", "0.5"], "needs --target-prefix"),
      (["--stream", "--json"], "plain translations"),
      (["--stream", "--beam-size", "3"], "needs --beam-size 1"),
    ])
  func refusals(arguments: [String], message: String) throws {
    let result = try program.run(["translate", "--model", model] + arguments + ["x"])
    #expect(result.status == 64 && result.error.contains(message), "\(result.error)")
  }
}
