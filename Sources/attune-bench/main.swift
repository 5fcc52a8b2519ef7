// SPDX-License-Identifier: Apache-2.0
import AttuneLayers
import AttuneModels
import AttuneTensors
import Foundation

let layerSettings = TransformerLayerSettings(modelDimension: 256, headCount: 4, feedForwardDimension: 1024)
let conf = ClassifierConfiguration(
  encoder: EncoderConfiguration(vocabularySize: 8192, layerCount: 4, layer: layerSettings), pooling: .first,
  hasPooler: true, headDropout: 0.1, labels: ["a", "b"])
let model = TextClassifier(conf, key: RandomKey(seed: 1))
let len = Int(CommandLine.arguments.dropFirst().first ?? "128") ?? 128
let ids = (0..<32 * len).map { Int32(5 + ($0 * 7919) % 8000) }
let batch = TokenBatch(ids: ids, layout: SequenceLayout(lengths: Array(repeating: len, count: 32)))
let targets = CrossEntropyTargets((0..<32).map { Int32($0 % 2) })
let clock = ContinuousClock()
for step in 0..<Int(CommandLine.arguments.dropFirst(2).first ?? "6")! {
  let start = clock.now
  var mid = start
  let (v, g) = valueAndGradients(of: model) { m in
    let l = m.logits(batch, mode: .training(TrainingPass(seed: 1, step: step))).crossEntropy(targets)
    mid = clock.now
    return l
  }
  let end = clock.now
  print("loss", v.scalar, "norm", g.norm, "fwd", mid - start, "bwd", end - mid, "tokens/s", Double(32 * len) / ((end - start) / .seconds(1)))
}
