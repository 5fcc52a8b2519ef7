// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import Testing

@Suite("A table of names works in both directions")
struct ParameterNameMapTests {
  static let bert = ParameterNameMap(
    [
      .rename("embeddings.token.weight", "bert.embeddings.word_embeddings.weight"),
      .rename(
        "layers.{i}.selfAttention.query.{p}", "bert.encoder.layer.{i}.attention.self.query.{p}"),
      .rename("layers.{i}.norm.{p}", "bert.encoder.layer.{i}.output.LayerNorm.{p}"),
      .rename("head.{p}", "classifier.{p}"),
      .rename("recurrent.{i}.{kind}Weight", "lstm.weight_{kind}_l{i}"),
      .ignore("bert.embeddings.position_ids", because: "positions are counted"),
      .ignore("cls.{rest...}", because: "a pretraining head"),
    ], optionalPrefix: "bert.", oldSpellings: ["gamma": "weight", "beta": "bias"])

  @Test(
    "Ours and theirs turn into each other",
    arguments: [
      ("embeddings.token.weight", "bert.embeddings.word_embeddings.weight"),
      ("layers.11.selfAttention.query.bias", "bert.encoder.layer.11.attention.self.query.bias"),
      ("layers.0.norm.weight", "bert.encoder.layer.0.output.LayerNorm.weight"),
      ("head.weight", "classifier.weight"),
      ("recurrent.1.hhWeight", "lstm.weight_hh_l1"),
    ])
  func turnsBothWays(ours: String, theirs: String) {
    #expect(Self.bert.theirs(of: ours) == theirs)
    #expect(Self.bert.meaning(of: theirs) == .ours(ours))
  }

  @Test("Files without the optional prefix mean the same, and can be written")
  func handlesPrefix() {
    let theirs = "encoder.layer.2.output.LayerNorm.bias"
    #expect(Self.bert.meaning(of: theirs) == .ours("layers.2.norm.bias"))
    #expect(
      Self.bert.meaning(of: "embeddings.position_ids") == .ignored(because: "positions are counted")
    )
    let bare = Self.bert.writingWithoutPrefix()
    #expect(bare.theirs(of: "layers.2.norm.bias") == theirs)
    #expect(bare.theirs(of: "head.bias") == "classifier.bias")
    #expect(bare.meaning(of: "bert." + theirs) == .ours("layers.2.norm.bias"))
  }

  @Test("One of theirs may hold several of ours, in order")
  func stacks() {
    let map = ParameterNameMap(
      [.stack(["{i}.query.{p}", "{i}.key.{p}"], "model.layers.{i}.Wqk.{p}")],
      optionalPrefix: "model.")
    #expect(map.meaning(of: "layers.3.Wqk.bias") == .stacked(["3.query.bias", "3.key.bias"]))
    #expect(map.theirs(of: "3.key.bias") == "model.layers.3.Wqk.bias")
    #expect(map.writingWithoutPrefix().theirs(of: "0.query.weight") == "layers.0.Wqk.weight")
    #expect(map.theirs(of: "3.value.bias") == nil)
  }

  @Test("Old spellings mean the new ones")
  func handlesOldSpellings() {
    let name = "bert.encoder.layer.0.output.LayerNorm."
    #expect(Self.bert.meaning(of: name + "gamma") == .ours("layers.0.norm.weight"))
    #expect(Self.bert.meaning(of: name + "beta") == .ours("layers.0.norm.bias"))
    #expect(Self.bert.theirs(of: "layers.0.norm.weight") == name + "weight")
  }

  @Test(
    "What no rule matches whole is unknown",
    arguments: [
      "", "classifier", "classifier.", "classifier.out.weight", "xclassifier.weight",
      "bert.encoder.layer.x.output.LayerNorm.weight", "bert.encoder.layer..output.LayerNorm.weight",
      "bert.encoder.layer.1.output.LayerNorm", "bert.bert.embeddings.position_ids", "cls.",
      String(repeating: "c", count: 5_000),
    ])
  func refusesOthers(name: String) {
    #expect(Self.bert.meaning(of: name) == .unknown)
  }

  @Test("Ignored names say why, and are not written")
  func ignores() {
    #expect(
      Self.bert.meaning(of: "cls.predictions.decoder.weight")
        == .ignored(because: "a pretraining head"))
    #expect(Self.bert.theirs(of: "cls.predictions.decoder.weight") == nil)
  }

  @Test("Rules put before others count first")
  func precedes() {
    let map = Self.bert.preceded(by: [.ignore("classifier.{p}", because: "a new head")])
    #expect(map.meaning(of: "classifier.bias") == .ignored(because: "a new head"))
    #expect(map.theirs(of: "head.bias") == "classifier.bias")
  }

  @Test("A placeholder that stands twice matches equal texts only")
  func matchesEqualTexts() {
    let map = ParameterNameMap([.rename("x.{i}", "layer{i}.norm{i}")])
    #expect(map.meaning(of: "layer12.norm12") == .ours("x.12"))
    #expect(map.meaning(of: "layer12.norm1") == .unknown)
    #expect(map.theirs(of: "x.3") == "layer3.norm3")
  }
}
