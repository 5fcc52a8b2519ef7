// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import Foundation
import TestSupport
import Testing

@testable import AttuneModels

@Suite("config.json of MPNet and ModernBERT")
struct ModernConfigurationTests {
  private func json(_ text: String) throws -> JSONField {
    JSONField(
      try JSONValue(parsing: Array(text.utf8), source: "config.json"), source: "config.json")
  }

  @Test("Without a word, ModernBERT is the published base model")
  func defaults() throws {
    let base = try EncoderFamily.modernBERT.layout.read(json("{}"))
    #expect(base.layerCount == 22 && base.layer.modelDimension == 768 && base.layer.headCount == 12)
    #expect(base.layer.feedForwardDimension == 1152 && base.layer.isGated)
    #expect(base.localLayers?.radius == 64 && base.rotaryBase == 160_000)
    #expect(base.localLayers?.rotaryBase == 10_000)
    #expect(base.localLayers?.indices == Set((0..<22).filter { $0 % 3 != 0 }))
    #expect(
      base.layer.epsilon == 1e-5 && base.maximumLength == 8192 && base.vocabularySize == 50368)
    #expect(base.paddingID == 50283 && !base.layer.hasNormBias && !base.layer.hasAttentionBias)
  }

  @Test("The keys of the first files and those of transformers 5 say the same")
  func bothForms() throws {
    let earlier = try EncoderFamily.modernBERT.layout.read(
      json(
        """
        {"num_hidden_layers": 4, "global_attn_every_n_layers": 2, "global_rope_theta": 7000,
         "local_rope_theta": 300.5, "layer_types": null}
        """))
    let later = try EncoderFamily.modernBERT.layout.read(
      json(
        """
        {"num_hidden_layers": 4, "global_attn_every_n_layers": 3, "global_rope_theta": 1,
         "layer_types": ["full_attention", "sliding_attention", "full_attention", "sliding_attention"],
         "rope_parameters": {"full_attention": {"rope_theta": 7000, "rope_type": "default"},
                             "sliding_attention": {"rope_theta": 300.5, "rope_type": "default"}}}
        """))
    #expect(earlier == later)
    #expect(earlier.localLayers?.indices == [1, 3] && earlier.rotaryBase == 7000)
  }

  @Test("Dropout stands where ModernBERT has it")
  func dropouts() throws {
    let encoder = try EncoderFamily.modernBERT.layout.read(
      json(
        """
        {"embedding_dropout": 0.1, "attention_dropout": 0.2, "mlp_dropout": 0.3, "num_hidden_layers": 1,
         "hidden_size": 4, "num_attention_heads": 1, "intermediate_size": 4, "vocab_size": 9, "pad_token_id": 0}
        """))
    let model = TransformerEncoder(encoder, key: RandomKey(seed: 1))
    #expect(model.embeddings.dropout.rate == 0.1)
    #expect(model.layers[0].selfAttention.dropout.rate == 0.2)
    #expect(model.layers[0].selfAttentionResidual.dropout.rate == 0.2)
    #expect(model.layers[0].feedForward.dropout.rate == 0.3)
    #expect(model.layers[0].feedForwardResidual.dropout.rate == 0)
  }

  @Test(
    "What cannot be is refused with its key",
    arguments: [
      (EncoderFamily.modernBERT, "\"num_attention_heads\": 7", "num_attention_heads"),
      (.modernBERT, "\"num_attention_heads\": 256", "even number"),
      (.modernBERT, "\"num_hidden_layers\": 5000", "num_hidden_layers"),
      (.modernBERT, "\"layer_types\": [\"full_attention\"]", "expected 22"),
      (.modernBERT, "\"num_hidden_layers\": 1, \"layer_types\": [\"slidin_attention\"]", "sliding"),
      (.modernBERT, "\"layer_types\": 3", "layer_types"),
      (.modernBERT, "\"global_attn_every_n_layers\": 0", "global_attn_every_n_layers"),
      (.modernBERT, "\"local_attention\": 0", "local_attention"),
      (.modernBERT, "\"global_rope_theta\": -3", "global_rope_theta"),
      (.modernBERT, "\"rope_parameters\": {\"full_attention\": {\"rope_theta\": 0}}", "rope_theta"),
      (
        .modernBERT,
        "\"rope_parameters\": {\"full_attention\": {\"rope_theta\": 9, \"rope_type\": \"yarn\"}}",
        "yarn"
      ),
      (.modernBERT, "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}", "rope_scaling"),
      (.modernBERT, "\"hidden_activation\": \"gelo\"", "gelu"),
      (.modernBERT, "\"mlp_dropout\": 1", "mlp_dropout"),
      (.modernBERT, "\"norm_eps\": 0", "norm_eps"),
      (.modernBERT, "\"norm_bias\": 1", "norm_bias"),
      (.modernBERT, "\"pad_token_id\": 60000", "pad_token_id"),
      (.mpnet, "\"relative_attention_num_buckets\": 16", "relative_attention_num_buckets"),
      (.mpnet, "\"pad_token_id\": 0", "pad_token_id"),
      (.mpnet, "\"max_position_embeddings\": 3", "max_position_embeddings"),
    ])
  func refused(_ family: EncoderFamily, _ member: String, _ named: String) throws {
    let error = try #require(throws: JSONFieldError.self) {
      _ = try family.layout.read(json("{\(member)}"))
    }
    #expect("\(error)".contains(named), "\(error)")
  }

  @Test("A kind of pooling that a class does not have is refused")
  func pooling() throws {
    let golden = try ModernGolden("modernbert-classifier")
    let error = try #require(throws: JSONFieldError.self) {
      _ = try EncoderFamily.modernBERT.layout.classifierHead.pooling(
        in: json("{\"classifier_pooling\": \"max\"}"))
    }
    #expect("\(error)".contains("cls, mean"))
    #expect(try ClassifierFolder(golden.folder).configuration.pooling == .mean)
  }
}
