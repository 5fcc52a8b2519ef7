// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints

extension EncoderFolder {
  /// The names that tensors with a row or an element for each token have in the file.
  public var vocabularyTensors: Set<String> {
    let (names, output) = (family.layout.names(for: head), family.layout.output.all)
    return Set(
      weights.tensors.map(\.name).filter { name in
        names.meaning(of: name) == .ours("encoder.embeddings.token.weight")
          || output.contains(name)
      })
  }
}
