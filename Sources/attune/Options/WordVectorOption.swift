// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Where the vectors of tokens start in a model that is trained from scratch.
struct WordVectorOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Word vectors that the tokens start from, in the text format of GloVe or word2vec, gzip or \
      not; brought to the model's width.
      """, valueName: "file"))
  var wordVectors: String?
}
