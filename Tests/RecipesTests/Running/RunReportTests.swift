// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneRecipes
import AttuneTraining
import Testing

@Suite("What a training tells")
struct RunReportTests {
  @Test("A score beyond all numbers does not keep the others from being written")
  func infinite() throws {
    // exp(loss) of a model that has gone astray.
    let details = [Evaluation.Detail("loss", 800), Evaluation.Detail("perplexity", .infinity)]
    let bytes = try details.json.serialized(.compact)
    #expect(String(decoding: bytes, as: UTF8.self) == #"{"loss":800.0,"perplexity":null}"#)
  }
}
