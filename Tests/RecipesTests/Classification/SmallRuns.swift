// SPDX-License-Identifier: Apache-2.0

import AttuneRecipes
import TestSupport

/// Files and settings with which a training takes a fraction of a second.
enum SmallRuns {
  private static let filler = ["the", "film", "of", "a", "plot"]

  /// A hundred and fifty texts of 1 to 5 stars, each told by one word.
  static let stars: String = {
    var random = SplitMix(seed: 3)
    let words = ["awful", "poor", "fair", "good", "wonderful"]
    var rows = "text,stars\n"
    for row in 0..<150 {
      let text =
        ([words[row % 5]] + (0..<2).map { _ in filler[Int.random(in: 0..<5, using: &random)] })
        .shuffled(using: &random).joined(separator: " ")
      rows += "\(text) \(row),\(row % 5 + 1)\n"
    }
    return rows
  }()

  /// Texts with any of three tags, each told by one word.
  static let tags: String = {
    var random = SplitMix(seed: 4)
    let words = ["big": "giant", "blue": "azure", "red": "scarlet"]
    var rows = "text,label\n"
    for row in 0..<150 {
      let tags = words.keys.sorted().enumerated().filter { row >> $0.offset & 1 == 1 }.map(
        \.element)
      let text = (tags.map { words[$0] ?? "" } + [filler[Int.random(in: 0..<5, using: &random)]])
        .shuffled(using: &random).joined(separator: " ")
      rows += "\(text) \(row),\(tags.joined(separator: ";"))\n"
    }
    return rows
  }()

  static var settings: ClassifierSettings {
    var settings = ClassifierSettings()
    (settings.layers, settings.dimension, settings.vocabularySize) = (1, 16, 200)
    (settings.maximumLength, settings.batchSize, settings.epochs) = (16, 16, 12)
    (settings.learningRate, settings.dropout, settings.headDropout) = (0.01, 0, 0)
    (settings.tokenDropout, settings.patience) = (0, 0)
    return settings
  }
}
