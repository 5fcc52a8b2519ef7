// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneModels
import AttunePipelines

/// Which embedder works, and how.
struct EmbedderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the model: any of sentence-transformers, or an encoder or a classifier.",
      valueName: "dir"))
  var model: String?

  @Option(help: ArgumentHelp("Prompt of the model to put before each text.", valueName: "name"))
  var promptName: String?

  @Option(help: ArgumentHelp("Text to put before each text; '' puts none.", valueName: "text"))
  var prompt: String?

  @Flag(
    inversion: .prefixedNo, help: "Scale vectors to length 1 (default: as the model says).")
  var normalize: Bool?

  @Option(help: ArgumentHelp("Most tokens of a text; the rest is cut off.", valueName: "count"))
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "Tokens of one thread's batch (default: 512).", valueName: "count"))
  var batchTokens: Int?

  @OptionGroup var precision: InferencePrecisionOption

  func validate() throws {
    if promptName != nil, prompt != nil {
      throw ValidationError("Give --prompt-name or --prompt, not both.")
    }
    for (name, value) in [("--max-length", maxLength), ("--batch-tokens", batchTokens)] {
      if let value, value < 4 {
        throw ValidationError("\(name) is \(value), expected 4 or more.")
      }
    }
  }

  /// Opens the model and says what is unusual about it.
  func load(_ diagnostics: Diagnostics) throws -> TextEmbedding {
    guard let model else { throw NoEmbedderError() }
    let embedding = try TextEmbedding(contentsOf: model, precision: precision.precision)
    switch embedding.kind {
    case .sentenceTransformers: break
    case .encoder:
      diagnostics.note(
        "\(model) says nothing of embeddings: the encoder's states are averaged and scaled to "
          + "length 1.")
    case .classifier:
      diagnostics.note(
        "\(model) is a classifier: its states before the head are the vectors, scaled to length 1.")
    }
    return embedding
  }

  /// What the user asks of the model.
  ///
  /// - Parameter roles: Names of prompts of which the first that the model has is used when the user says nothing.
  func options(
    for embedding: TextEmbedding, roles: [String] = []
  ) throws -> TextEmbedding.Options {
    var options = TextEmbedding.Options()
    options.prompt = prompt
    let role = roles.first(where: embedding.promptNames.contains)
    if prompt == nil, let name = promptName ?? role {
      options.prompt = try embedding.prompt(named: name)
    }
    options.normalizes = normalize
    options.maximumLength = maxLength
    if let batchTokens { options.batchTokens = batchTokens }
    return options
  }
}

/// No embedder was named.
struct NoEmbedderError: AttuneError, Equatable {
  var exitCode: ExitStatus { .usage }

  var description: String {
    """
    no embedder comes with the program: name one with --model DIR. Any folder in the layout of \
    sentence-transformers with safetensors weights will do, such as all-MiniLM-L6-v2 as published; \
    the folder of an encoder or of a classifier that 'attune train' made will do, too.
    """
  }
}

/// Counts texts that a model did not see whole, and says so.
struct TextTally {
  var count = 0
  private var emptyCount = 0
  private var truncatedCount = 0

  /// Counts texts with what was cut off of each.
  mutating func add(_ rows: [TextRow], _ truncated: [Int]) {
    count += rows.count
    emptyCount += rows.count(where: \.isEmpty)
    truncatedCount += truncated.count { $0 > 0 }
  }

  func report(to diagnostics: Diagnostics, maximumLength: Int) {
    if count == 0 { diagnostics.note("there are no texts in the input.") }
    if emptyCount > 0 {
      diagnostics.note(
        "\(emptyCount.counted("text is", "texts are")) empty; such vectors mean nothing.")
    }
    if truncatedCount > 0 {
      diagnostics.note(
        "\(truncatedCount.counted("text is", "texts are")) longer than \(maximumLength) tokens; "
          + "what is beyond was not read.")
    }
  }
}
