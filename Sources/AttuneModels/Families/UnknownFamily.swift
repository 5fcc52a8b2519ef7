// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// A `model_type` that no family has: what stands closest to it, and what it lacks.
enum UnknownFamily {
  /// A family of other programs beside the one that it grew out of.
  private struct Relative {
    let types: [String]
    let nearest: EncoderFamily
    /// Why it cannot be read as that one.
    let difference: String
  }

  private static let relatives = [
    Relative(
      types: ["albert"], nearest: .bert,
      difference: "ALBERT's layers share one set of weights behind a narrow table of tokens"),
    Relative(
      types: ["electra"], nearest: .bert,
      difference: "ELECTRA maps its embeddings to the width of its layers"),
    Relative(
      types: ["deberta", "deberta-v2"], nearest: .bert,
      difference: "DeBERTa scores words and positions apart"),
    Relative(
      types: [
        "mobilebert", "squeezebert", "convbert", "funnel", "nezha", "roformer", "rembert", "fnet",
        "xlm", "flaubert", "ibert", "megatron-bert",
      ], nearest: .bert, difference: "its layers are built differently"),
    Relative(
      types: ["ernie", "luke", "layoutlm", "tapas"], nearest: .bert,
      difference: "its tokens have more embeddings than words, places and segments"),
    Relative(
      types: ["nomic_bert", "new", "jina_bert", "neobert", "eurobert"], nearest: .modernBERT,
      difference: "its layers are built differently"),
    Relative(
      types: ["longformer", "big_bird"], nearest: .roberta,
      difference: "it attends to windows and chosen tokens"),
    Relative(
      types: ["data2vec-text"], nearest: .roberta, difference: "its tensors have other names"),
    Relative(
      types: ["roberta-prelayernorm", "xlm-roberta-xl", "xmod"], nearest: .xlmRoberta,
      difference: "its norms stand in front of its sublayers"),
  ]

  /// Models that write text; what they make of a text that is read is no encoding of the whole.
  private static let writers = [
    "gpt2", "gpt_neo", "gpt_neox", "gptj", "llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma",
    "gemma2", "gemma3", "phi", "phi3", "opt", "bloom", "falcon", "t5", "mt5", "bart", "mbart",
    "marian", "pegasus", "m2m_100", "xlnet", "attune-translator", "attune-captioner",
  ]

  /// What an error adds, with a leading space; nothing for a name that nobody knows.
  ///
  /// - Parameter known: Names that are supported.
  static func hint(for type: String, known: [String]) -> String {
    if let relative = relatives.first(where: { $0.types.contains(type) }) {
      return " The nearest is '\(relative.nearest.rawValue)', but \(relative.difference)."
    }
    if writers.contains(type) {
      return " '\(type)' writes text; expected an encoder, which reads the whole of one."
    }
    return EditDistance.suggestion(for: type, in: known)
  }
}
