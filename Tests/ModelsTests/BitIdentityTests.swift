// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import CAttuneKernels
import TestSupport
import Testing

@Suite("The answer for a text has the same bits whatever is computed beside it")
struct BitIdentityTests {
  /// Lengths on both sides of every block of the kernels.
  static let lengths = [1, 2, 5, 13, 16, 31, 47, 64, 100, 129]

  static let levels = [
    ATTUNE_LEVEL_BASELINE, ATTUNE_LEVEL_AVX2, ATTUNE_LEVEL_AVX2_VNNI, ATTUNE_LEVEL_AVX512,
    ATTUNE_LEVEL_AVX512_VNNI, ATTUNE_LEVEL_AVX512_BF16,
  ].filter { attune_supports_level($0) != 0 }

  let texts = lengths.map { length in
    (0..<length).map { Int32(($0 * 37 + length * 11) % 400) }
  }
  let embedder: TextEmbedder
  let classifier: TextClassifier

  init() {
    let encoder = EncoderConfiguration(
      vocabularySize: 400, layerCount: 2,
      layer: TransformerLayerSettings(
        modelDimension: 136, headCount: 4, feedForwardDimension: 530),
      maximumLength: 130, embeddingDeviation: 0.3)
    var configuration = EmbedderConfiguration(encoder: encoder, poolings: [.mean, .max])
    configuration.denses = [.init(inputDimension: 272, outputDimension: 70)]
    embedder = TextEmbedder(configuration, key: RandomKey(seed: 4))
    classifier = TextClassifier(
      ClassifierConfiguration(
        encoder: encoder, pooling: .first, hasPooler: true, headDropout: 0.1,
        labels: (0..<5).map { "\($0)" }), key: RandomKey(seed: 5))
  }

  /// A hash of each text's answer, in the order of the texts, when they are computed in batches of the given members.
  private func hashes(
    _ batches: [[Int]], _ answer: (TokenBatch) -> Tensor
  ) -> [SHA256.Digest?] {
    var result = [SHA256.Digest?](repeating: nil, count: texts.count)
    for members in batches {
      let answers = answer(TokenBatch(members.map { texts[$0] }))
      let width = answers.columnCount * 4
      answers.withUnsafeBytes { bytes in
        for (row, member) in members.enumerated() {
          var hash = SHA256()
          hash.update(UnsafeRawBufferPointer(rebasing: bytes[row * width..<(row + 1) * width]))
          result[member] = hash.finalize()
        }
      }
    }
    return result
  }

  /// All at once, in another order, in pairs, and each alone.
  private var waysToBatch: [[[Int]]] {
    let all = Array(texts.indices)
    return [
      [all], [all.reversed()], [[3, 0, 9], [1, 8, 2, 7], [6, 5, 4]],
      stride(from: 0, to: all.count, by: 2).map { [$0 + 1, $0] }, all.map { [$0] },
    ]
  }

  private func allHashes(_ format: PackedMatrix.Format) -> [[SHA256.Digest?]] {
    let embedder = embedder.prepared(for: format, keepsValues: false)
    let classifier = classifier.prepared(for: format, keepsValues: false)
    return waysToBatch.map { batches in
      hashes(batches) { embedder($0, mode: .inference) }
        + hashes(batches) { classifier.logits($0, mode: .inference) }
    }
  }

  @Test(
    "In any batch and order, at every instruction level and in every precision",
    arguments: levels.map(\.rawValue), PackedMatrix.Format.allCases)
  func batches(level: UInt32, format: PackedMatrix.Format) {
    attune_force_level(attune_level(rawValue: level))
    defer { attune_release_level() }
    let found = allHashes(format)
    #expect(Set(found).count == 1)
    #expect(!found[0].contains(nil) && Set(found[0]).count == found[0].count)
  }

  @Test("With any number of threads", arguments: PackedMatrix.Format.allCases)
  func threads(format: PackedMatrix.Format) {
    let found = ThreadSweep.results { allHashes(format) }
    #expect(Set(found.joined()).count == 1)
  }
}
