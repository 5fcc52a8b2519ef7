// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

/// Results and gradients of PyTorch's scaled dot-product attention in float64, sequence by sequence.
@Suite("Attention agrees with PyTorch")
struct GoldenAttentionTests {
  private func expectAgreement(
    _ name: String, _ pattern: AttentionPattern = .full, scale: Float? = nil,
    biasOrigin: Int? = nil
  ) throws {
    let golden = try GoldenCase(name, in: "Layers/operations.json")
    let (queries, keys) = (try golden.layout("queries"), try golden.layout("keys"))
    let keySequences = try golden.optionalIDs("keySequences")
    try golden.expectAgreement { tensors in
      .attention(
        queries: tensors["q"], queries, keys: tensors["k"], values: tensors["v"], keys,
        keySequences: keySequences?.map { Int($0) },
        bias: biasOrigin.map { AttentionBias(table: tensors["bias"], origin: $0) },
        settings: AttentionSettings(headCount: 2, pattern: pattern, scale: scale))
    }
  }

  @Test func full() throws { try expectAgreement("attention full") }

  @Test func scaled() throws { try expectAgreement("attention scaled", scale: 1) }

  @Test func causal() throws { try expectAgreement("attention causal", .causal) }

  @Test func window() throws { try expectAgreement("attention window", .window(radius: 1)) }

  @Test("Queries meet keys of other counts; zero keys give zero")
  func crossed() throws { try expectAgreement("attention crossed") }

  @Test("Several query sequences share one key sequence")
  func chosenKeys() throws { try expectAgreement("attention of chosen keys") }

  @Test("Queries are the last positions of their sequence")
  func causalAtTheEnd() throws { try expectAgreement("attention causal at the end", .causal) }

  @Test func biased() throws { try expectAgreement("attention biased", biasOrigin: 5) }
}
