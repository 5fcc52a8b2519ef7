// SPDX-License-Identifier: Apache-2.0

import AttunePipelines
import AttuneTokenizers

extension TruncationReport {
  /// What the user should know of texts that were not read to the end, or were read by windows.
  func notes(for classifier: TextClassification) -> [String] {
    var notes: [String] = []
    if windowedTextCount > 0, let windowing = classifier.settings.windowing {
      notes.append(
        "\(windowedTextCount.grouped) of \(textCount.counted("text", "texts")) read by windows of "
          + "\(windowing.length) tokens, one every \(windowing.stride)")
    }
    if cutTextCount > 0 {
      let verb = cutTextCount == 1 ? "is" : "are"
      notes.append(
        "\(cutTextCount.grouped) of \(textCount.counted("text", "texts")) \(verb) longer than the model's "
          + "\(classifier.maximumLength) tokens: \(cutTokenCount.grouped) of \(tokenCount.grouped) tokens "
          + "(\(cutShare.percent)) were not read"
          + (classifier.settings.windowing == nil
            ? "; --window \(classifier.maximumLength) reads them" : ""))
    }
    return notes
  }
}
