// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines
import Testing

@Suite("The example in the README")
struct ReadmeExampleTests {
  @Test("It compiles and runs")
  func works() throws {
    // The example begins here.
    let classifier = try TextClassification.bundled()
    let reviews = ["A wonderful, moving film.", "Two hours that I will never get back."]
    for (review, prediction) in zip(reviews, classifier.classify(reviews)) {
      print(review, prediction.label, prediction.score)
    }
    // The example ends here.
    #expect(classifier.classify(reviews).map(\.label) == ["positive", "negative"])
  }

  @Test("It is the code that this file compiles")
  func isTheSame() throws {
    let root = (0..<3).reduce(#filePath) { path, _ in FileSystem.parent(of: path) }
    let readme = try lines(of: FileSystem.join(root, "README.md"))
    let example = readme.drop { $0 != "```swift" }.dropFirst().prefix { $0 != "```" }
    let source = try lines(of: #filePath)
    let compiled = source.drop { $0 != "    // The example begins here." }.dropFirst()
      .prefix { $0 != "    // The example ends here." }
    #expect(
      Array(example) == ["import AttunePipelines", ""] + compiled.map { String($0.dropFirst(4)) })
  }

  private func lines(of path: String) throws -> [String] {
    try InputFile.text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
  }
}
