// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import AttuneTraining

/// The shape of the classifier, and how it is trained.
struct ModelOptions: ParsableArguments {
  @Option(help: "Layers.") var layers = 4
  @Option(help: "Columns of the states.") var width = 256
  @Option(help: "Attention heads.") var heads = 4
  @Option(help: "Columns between the two maps of the feed-forward net.") var feedForward = 1024
  @Option(help: "Entries of the token table.") var vocabulary = 8192
  @Option(help: "Dropout of states and of attention weights.") var dropout: Float = 0.1
  @Option(help: "Examples in a batch.") var batch = 32
  @Option(help: "Threads.") var threads = 2
  @Option(
    help: "How the products of linear maps are rounded: float32, bfloat16 or int16.",
    transform: Self.precision(named:))
  var precision = ProductPrecision.float32
  @Option(help: "Seed of the model, the batches and dropout.") var seed: UInt64 = 1

  private static func precision(named name: String) throws -> ProductPrecision {
    guard let precision = ProductPrecision(rawValue: name) else {
      throw ValidationError("--precision must be float32, bfloat16 or int16, not '\(name)'")
    }
    return precision
  }

  func validate() throws {
    let sizes = [layers, width, heads, feedForward, vocabulary, batch, threads]
    guard sizes.allSatisfy({ $0 > 0 }), width.isMultiple(of: heads) else {
      throw ValidationError("sizes must be positive, and --width a multiple of --heads")
    }
    guard vocabulary > 16 else { throw ValidationError("--vocabulary must be above 16") }
    guard (0..<1).contains(dropout) else { throw ValidationError("--dropout must be in 0..<1") }
  }

  /// A BERT of these sizes.
  func encoder(maximumLength: Int = 512) -> EncoderConfiguration {
    let layer = TransformerLayerSettings(
      modelDimension: width, headCount: heads, feedForwardDimension: feedForward, dropout: dropout,
      attentionDropout: dropout)
    return EncoderConfiguration(
      vocabularySize: vocabulary, layerCount: layers, layer: layer, maximumLength: maximumLength)
  }

  /// A BERT classifier of two labels: first token, pooler, dropout, map.
  func makeModel(maximumLength: Int = 512) -> TextClassifier {
    TextClassifier(
      ClassifierConfiguration(
        encoder: encoder(maximumLength: maximumLength), pooling: .first, hasPooler: true,
        headDropout: dropout, labels: ["negative", "positive"]),
      key: RandomKey(seed: seed))
  }

  /// A constant rate without clipping, as the peers train.
  func plan(_ strategy: Batching.Strategy) -> TrainingPlan {
    TrainingPlan(
      length: .epochs(1), batching: Batching(strategy),
      schedule: LearningRateSchedule(peak: 1e-4, decay: .constant), gradientNormBound: nil,
      seed: seed, evaluation: .never, checkpoint: .never, precision: precision)
  }

  /// The project's own trainer.
  func makeTrainer(
    _ examples: [ClassificationExample], strategy: Batching.Strategy
  ) throws -> Trainer<ClassificationObjective<TransformerEncoder>> {
    let longest = examples.flatMap(\.windows).map(\.ids.count).max() ?? 0
    return try Trainer(
      makeModel(maximumLength: max(512, longest)), objective: ClassificationObjective(),
      examples: examples, plan: plan(strategy))
  }

  var members: [(String, JSONValue)] {
    [
      ("layers", .integer(layers)), ("width", .integer(width)), ("heads", .integer(heads)),
      ("feed_forward", .integer(feedForward)), ("vocabulary", .integer(vocabulary)),
      ("dropout", .number((Double(dropout) * 1e6).rounded() / 1e6)), ("batch", .integer(batch)),
      ("precision", .string(precision.rawValue)),
      ("threads", .integer(Parallel.threadCount)),
    ]
  }

  /// Floating-point operations of the linear maps and of attention for one token of a step on texts of a length, its
  /// gradients being twice the work of its value.
  func operationsPerToken(length: Int) -> Double {
    let maps = 2 * (4 * width * width + 2 * width * feedForward)
    return 3 * Double(layers * (maps + 4 * length * width))
  }
}
