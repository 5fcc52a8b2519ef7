// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Classifiers are trained")
struct TrainTests {
  let program: Program

  init() throws {
    program = try Program()
    try program.folder.write(TrainedModel.reviews, to: "reviews.csv")
  }

  private func arguments(_ output: String, _ more: String...) -> [String] {
    ["train", "classifier", "reviews.csv", "--output", output] + more + TrainedModel.sizes
  }

  @Test("A run reports its columns, its scores and the yardstick")
  func reports() throws {
    let result = try program.run(arguments("run", "--epochs", "4"))
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("text: 'text', label: 'label'"))
    for part in ["accuracy", "macro-F1", "label \\ prediction", "Yardstick", "run/best"] {
      #expect(result.output.contains(part), "\(part)")
    }
    let again = try program.run(arguments("run", "--epochs", "4"))
    #expect(again.status == 73 && again.error.contains("--resume"))
    let json = try program.run(
      arguments("run", "--epochs", "4") + ["--overwrite", "--json", "--quiet"])
    #expect(json.status == 0 && json.error.isEmpty, "\(json.error)")
    let document = JSONField(try JSONValue(parsing: Array(json.output.utf8), source: ""))
    #expect(try document.integer(at: "count") == 20)
    #expect(try document.field(at: "yardstick").double(at: "accuracy") == 1)
  }

  @Test("Words that tell the labels apart are learned")
  func learns() throws {
    let result = try program(
      "evaluate", "reviews.csv", "--model", TrainedModel.path, "--json", "--quiet")
    let json = JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
    #expect(try json.double(at: "accuracy") > 0.95)
  }

  @Test("Ctrl-C saves; the resumed run has the bits of one that was never stopped")
  func resumes() throws {
    let whole = try program.run(arguments("whole", "--epochs", "30"))
    #expect(whole.status == 0, "\(whole.error)")
    let running = try program.start(arguments("parted", "--epochs", "30"))
    // An error of the program would end the wait as well.
    while try !["step 36:", "error:"].contains(where: running.error.contains) { usleep(1_000) }
    running.send(SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped.error)")
    #expect(stopped.error.contains("--resume") && stopped.output.isEmpty)
    let resumed = try program.run(arguments("parted", "--epochs", "30") + ["--resume"])
    #expect(resumed.status == 0 && resumed.error.contains("resumed after step"), "\(resumed.error)")
    for name in ["best", "last"] {
      for file in ["model.safetensors", "2_Dense/model.safetensors", "attune.json"] {
        let files = try ["whole", "parted"].map {
          try InputFile.bytes(of: program.folder.path("\($0)/\(name)/\(file)"))
        }
        #expect(files[0] == files[1], "\(name)/\(file)")
      }
    }
    #expect(whole.output.replacing("whole", with: "parted") == resumed.output)
  }
}
