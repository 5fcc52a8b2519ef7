// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("The program explains itself")
struct HelpTests {
  let program: Program

  init() throws { program = try Program() }

  @Test(
    "Help says what a command takes",
    arguments: [
      "", "classify", "train", "train classifier", "train translator", "evaluate", "embed",
      "similar", "inspect", "tokenize", "train-tokenizer", "translate", "convert", "caption",
      "train captioner", "distill",
    ])
  func helps(command: String) throws {
    let words = command.split(separator: " ").map(String.init)
    let result = try program.run(words + ["--help"])
    #expect(result.status == 0 && result.error.isEmpty)
    try Snapshot.expect(
      result.output, is: "help\(words.map { "-\($0)" }.joined())")
  }

  @Test(
    "A wrong command line ends with 64 and names what is near",
    arguments: [
      (["clasify", "x"], "Did you mean 'classify'?"),
      (["train", "clasifier"], "Did you mean 'classifier'?"),
      (["classify", "--inptu", "x"], "Did you mean '--input'?"),
      (["classify", "x", "--encoding", "latin"], "one of 'utf8', 'latin1'"),
      (["classify", "x", "--input", "y"], "not both"),
      (["classify", "x", "-"], "not both"),
      (["classify", "x", "--threads", "0"], "--threads is 0"),
      (["classify", "x", "--quiet", "--verbose"], "exclude each other"),
      (["distill", "x.csv", "--output", "y"], "--teacher DIR"),
      (["evaluate"], "Missing expected argument '<file>'"),
      (["train", "classifier", "x.csv"], "Missing expected argument '--output <dir>'"),
      (["tokenize", "x", "--model", "a", "--tokenizer", "b"], "not both"),
      (["classify", "x", "--precision", "int4"], "one of 'float32', 'bfloat16'"),
      (["convert", "--model", "a", "--output", "b", "--tolerance", "0.1"], "--validation FILE"),
    ])
  func refuses(arguments: [String], message: String) throws {
    let result = try program.run(arguments)
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.error.hasPrefix("error: ") && result.error.contains(message), "\(result.error)")
  }

  @Test("The version is one line")
  func hasVersion() throws {
    #expect(try program("--version").lines.count == 1)
  }

  @Test("A command has another name")
  func hasAlias() throws {
    #expect(try program("finetune", "classifier", "--help").output.contains("--resume"))
  }
}
