// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Tokenizers are trained")
struct TrainTokenizerTests {
  private let program: Program
  private let reviews: String

  init() throws {
    program = try Program()
    let rows = (0..<300).map { "\($0),\"The film no. \($0 % 7) was good, \($0 % 3) stars.\"\n" }
    reviews = try program.folder.write("id,review\n" + rows.joined(), to: "reviews.csv")
  }

  private func train(_ arguments: [String], input: String = "") throws -> Program.Result {
    try program.run(["train-tokenizer"] + arguments, input: input)
  }

  @Test("A folder opens with what was learned", arguments: ["wordpiece", "bpe", "unigram"])
  func folders(model: String) throws {
    let output = program.folder.path("tokenizer")
    let result = try train([
      reviews, "--column", "review", "--model", model, "--vocabulary-size", "290", "--output",
      output, "--json",
    ])
    #expect(result.status == 0, "\(result.error)")
    let report = JSONField(try JSONValue(parsing: Array(result.output.utf8)))
    let tokenizer = try Tokenizer(contentsOf: output)
    #expect(try report.integer(at: "vocabulary_size") == tokenizer.vocabularySize)
    // The whole text has 300 rows; those that were held out were not learned from.
    let held = try report.integer(at: "validation", "texts")
    #expect(try report.integer(at: "texts") + held == 300)
    #expect(tokenizer.encodeIDs("The film was good, 2 stars.").count <= 11)
    #expect(FileSystem.exists(FileSystem.join(output, "tokenizer_config.json")))
  }

  @Test("A file holds the same as standard input does, for any number of threads")
  func file() throws {
    // Another order, and no other columns.
    let rows = try InputFile.text(of: reviews).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", maxSplits: 1)[1] }
    let input = "review\n" + rows.reversed().joined(separator: "\n")
    func bytes(_ corpus: String, _ threads: Int, input: String = "") throws -> [UInt8] {
      let output = program.folder.path("\(threads).json")
      let result = try train(
        [
          corpus, "--column", "review", "--model", "unigram", "--vocabulary-size", "60", "--output",
          output, "--overwrite", "--threads", "\(threads)", "--validation", reviews,
        ], input: input)
      #expect(result.status == 0 && result.output.contains("tokens per word"), "\(result.error)")
      return try InputFile.bytes(of: output)
    }
    let one = try bytes(reviews, 1)
    #expect(try bytes(reviews, 2) == one)
    #expect(try bytes("-", 3, input: input) == one)
  }

  @Test("Mistakes are told before the work")
  func mistakes() throws {
    let output = try program.folder.write("{}", to: "there.json")
    for (arguments, status, message) in [
      (["--model", "bpe", "--output", output], 73, "exists already"),
      (["--model", "bpe", "--output", "x.json", "--vocabulary-size", "10"], 64, "too small"),
      (
        ["--model", "wordpiece", "--output", "x.json", "--split-punctuation"], 64,
        "--model unigram only"
      ),
      (["--model", "unigram", "--output", "x.json", "--min-frequency", "3"], 64, "wordpiece and"),
      (["--model", "bpe", "--output", "x.json", "--limit-alphabet", "9"], 64, "not of bytes"),
      (["--model", "word", "--output", "x.json"], 64, "one of 'wordpiece'"),
      (["--model", "bpe", "--output", "x.json", "--validation-share", "1"], 64, "0 to below 1"),
    ] as [([String], Int32, String)] {
      let result = try train([reviews, "--column", "review"] + arguments)
      #expect(result.status == status && result.error.contains(message), "\(result.error)")
    }
  }
}
