// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneTensors
import AttuneTraining

/// One transformer layer over embeddings, small enough to train in milliseconds.
struct TinyEncoder: SequenceEncoder {
  var embedding: Embedding
  var layer: TransformerEncoderLayer
  let dropout: Dropout

  init(vocabulary: Int, dropout rate: Float, key: RandomKey) {
    embedding = Embedding(
      entries: vocabulary, dimension: 8, standardDeviation: 0.5, key: key.place(0))
    layer = TransformerEncoderLayer(
      TransformerLayerSettings(
        modelDimension: 8, headCount: 2, feedForwardDimension: 16, dropout: rate,
        attentionDropout: rate), key: key.place(1))
    dropout = Dropout(rate)
  }

  func encode(_ source: TokenBatch, mode: Mode) -> PackedStates {
    let embedded = dropout(embedding(source.ids), mode: mode)
    return PackedStates(
      states: layer(embedded, layout: source.layout, mode: mode), layout: source.layout)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embedding", &embedding)
    visit("layer", &layer)
  }
}

/// A small task with a known answer: which of two marks stands in the text.
enum TinyTask {
  typealias Model = SequenceClassifier<TinyEncoder>
  typealias Objective = ClassificationObjective<TinyEncoder>

  static func model(dropout: Float = 0, seed: UInt64 = 1) -> Model {
    let key = RandomKey(seed: seed)
    return SequenceClassifier(
      encoder: TinyEncoder(vocabulary: 12, dropout: dropout, key: key.place(0)),
      pooling: Pooling(.mean, dimension: 8, key: key.place(1)),
      head: ClassificationHead(
        dimension: 8, labelCount: 2, hasPooler: true, dropout: Dropout(dropout), key: key.place(2)))
  }

  static func examples(_ count: Int, seed: UInt64 = 2) -> [ClassificationExample] {
    let key = RandomKey(seed: seed)
    return (0..<count).map { index in
      let draw = key.place(UInt64(index))
      var ids = (0..<(3 + Int(draw.word(at: 0) % 8))).map {
        Int32(2 + draw.word(at: UInt64($0) + 9) % 10)
      }
      let label = Int(draw.word(at: 1) % 2)
      ids[Int(draw.word(at: 2)) % ids.count] = Int32(label)
      return ClassificationExample(ids: ids, label: label)
    }
  }

  static func plan(
    _ length: TrainingPlan.Length = .epochs(3), examples: Int = 8, microBatches: Int = 1,
    rate: Double = 1e-2
  ) -> TrainingPlan {
    TrainingPlan(
      length: length,
      batching: Batching(.shuffled(examples: examples), microBatchesPerStep: microBatches),
      schedule: LearningRateSchedule(peak: rate, decay: .linear, warmUp: .steps(3)), seed: 7)
  }

  static func accuracy(_ model: Model, on examples: [ClassificationExample]) -> Double {
    let logits = model.logits(TokenBatch(examples), mode: .inference).values
    let right = examples.indices.filter {
      (logits[2 * $0 + 1] > logits[2 * $0]) == (examples[$0].label == 1)
    }
    return Double(right.count) / Double(examples.count)
  }
}

extension TrainingSnapshot {
  /// One hash of every bit of the model and of the moments.
  var digest: String {
    var hash = SHA256()
    for (name, tensor) in model.namedTensors + optimizer.namedTensors {
      hash.update(Array(name.utf8))
      tensor.withUnsafeBytes { hash.update($0) }
    }
    return hash.finalize().description
  }
}
