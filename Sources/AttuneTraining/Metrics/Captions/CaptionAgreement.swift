// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// How far texts say the very words of a reference: for texts that are to be found again, as from their embeddings.
public struct CaptionAgreement: Sendable, Hashable {
  /// Share of the texts that are one of their references, word by word.
  public let exactShare: Double
  /// The mean of the words' F1 with the reference that gives the highest (Rajpurkar et al. 2016, section 6.1), in 0...1.
  public let wordF1: Double

  /// Compares texts with one or more references each.
  public init(
    _ captions: [String], references: [[String]],
    tokenization: CaptionTokenization = .pennTreebank
  ) {
    precondition(
      captions.count == references.count && !captions.isEmpty,
      "\(references.count) references for \(captions.count) captions")
    let found = Parallel.map(captions.count, chunk: 32) { index in
      let words = tokenization.words(of: captions[index])
      return references[index].map { reference in
        let others = tokenization.words(of: reference)
        return (isExact: words == others, f1: Self.f1(words, others))
      }
    }
    let count = Double(captions.count)
    exactShare = Double(found.count { $0.contains { $0.isExact } }) / count
    wordF1 = found.reduce(0) { $0 + ($1.map(\.f1).max() ?? 0) } / count
  }

  /// Of two bags of words; 1 where both are empty.
  private static func f1(_ words: [String], _ others: [String]) -> Double {
    guard !words.isEmpty || !others.isEmpty else { return 1 }
    var rest: [String: Int] = [:]
    for word in others { rest[word, default: 0] += 1 }
    let shared = words.count { word in
      guard let left = rest[word], left > 0 else { return false }
      rest[word] = left - 1
      return true
    }
    return 2 * Double(shared) / Double(words.count + others.count)
  }
}
