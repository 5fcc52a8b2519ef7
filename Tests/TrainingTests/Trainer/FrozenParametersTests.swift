// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Parameters that stay as they are, and rates by depth")
struct FrozenParametersTests {
  @Test("Frozen parameters keep their bits and have neither gradients nor moments")
  func freezes() throws {
    let model = TinyTask.model(dropout: 0.1)
    let frozen = try FrozenParameters(["embedding", "layer.selfAttention"], in: model)
    var trainer = try Trainer(
      model, objective: TinyTask.Objective(), examples: TinyTask.examples(32),
      plan: TinyTask.plan(), trains: frozen.trains)
    try trainer.run()
    let moments = Set(trainer.optimizer.namedTensors.map(\.name))
    for (before, after) in zip(model.namedTensors, trainer.model.namedTensors) {
      let isFrozen =
        before.name.hasPrefix("encoder.embedding.")
        || before.name.hasPrefix("encoder.layer.selfAttention.")
      #expect((before.tensor.values == after.tensor.values) == isFrozen, "\(before.name)")
      #expect(moments.contains("\(before.name).first_moment") == !isFrozen, "\(before.name)")
    }
    let gradients = valueAndGradients(of: model, where: frozen.trains) { model in
      TinyTask.Objective().loss(of: model, on: TinyTask.examples(4), mode: .inference).sum
    }.gradients
    #expect(gradients["encoder.embedding.weight"] == nil)
    #expect(gradients["encoder.layer.feedForward.expand.weight"] != nil)
  }

  @Test("Below the lowest trained parameter nothing is recorded")
  func recordsNothing() throws {
    let model = TinyTask.model()
    let frozen = try FrozenParameters(["encoder"], in: model)
    _ = valueAndGradients(of: model, where: frozen.trains) { model in
      let states = model.encoder.encode(
        TokenBatch(TinyTask.examples(4)), mode: .training(TrainingPass(seed: 1, step: 0))
      ).states
      #expect(!states.isTracked)
      return TinyTask.Objective().loss(of: model, on: TinyTask.examples(4), mode: .inference).sum
    }
  }

  @Test("Names end where a step of the path does; others are refused with the nearest one")
  func findsNames() throws {
    let layers = TwelveLayers()
    let frozen = try FrozenParameters(["layers.1", "head"], in: layers)
    #expect(!frozen.trains("encoder.layers.1.weight") && frozen.trains("encoder.layers.10.weight"))
    #expect(!frozen.trains("head.weight"))
    let error = #expect(throws: FrozenParametersError.self) {
      try FrozenParameters(["layer.1"], in: layers)
    }
    #expect(try #require(error).description.contains("Did you mean 'layers.1'?"))
    #expect(throws: FrozenParametersError.nothingLeft) {
      try FrozenParameters(["encoder", "head"], in: layers)
    }
  }

  private struct TwelveLayers: Module {
    struct Encoder: Module {
      var layers = (0..<12).map { _ in
        LayerNorm(dimension: 2, epsilon: 1e-5)
      }
      mutating func visitParameters(_ visit: ParameterVisitor) { visit("layers", &layers) }
    }
    var encoder = Encoder()
    var head = LayerNorm(dimension: 2, epsilon: 1e-5)
    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("encoder", &encoder)
      visit("head", &head)
    }
  }

  @Test("Rates fall from the top layer to the embeddings; the head has its own")
  func decays() {
    let rates = LayerwiseRates(decay: 0.5, headFactor: 10, layerCount: 12)
    for (name, factor) in [
      ("head.classifier.weight", 10), ("encoder.layers.11.feedForward.expand.bias", 1),
      ("encoder.layers.10.selfAttention.query.weight", 0.5),
      ("encoder.layers.1.selfAttention.query.weight", 1.0 / 1024),
      ("encoder.embeddings.token.weight", 1.0 / 4096), ("encoder.finalNorm.weight", 1),
    ] {
      #expect(rates.factor(of: name) == factor, "\(name)")
    }
    #expect(LayerwiseRates(layerCount: 12).factor(of: "encoder.layers.0.norm.bias") == 1)
  }

  @Test("Rates by depth reach the parameters: thrice the rate is a step thrice as long")
  func reachesParameters() throws {
    let model = TinyTask.model()
    let trained = try [1.0, 3].map { factor in
      var settings = AdamW.Settings(weightDecay: 0)
      settings.rateMultiplier = LayerwiseRates(headFactor: factor, layerCount: 1).factor
      var trainer = try Trainer(
        model, objective: TinyTask.Objective(), examples: TinyTask.examples(32),
        plan: TinyTask.plan(), optimizer: settings)
      _ = try trainer.step(on: [TinyTask.examples(8)])
      return trainer.model.namedTensors
    }
    for (before, (once, thrice)) in zip(model.namedTensors, zip(trained[0], trained[1])) {
      let factor: Float = before.name.hasPrefix("head.") ? 3 : 1
      let values = zip(before.tensor.values, zip(once.tensor.values, thrice.tensor.values))
      for (start, (first, second)) in values {
        #expect(abs(second - start - factor * (first - start)) < 1e-6, "\(before.name)")
      }
    }
  }
}
