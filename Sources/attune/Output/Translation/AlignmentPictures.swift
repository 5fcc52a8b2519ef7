// SPDX-License-Identifier: Apache-2.0

import AttunePipelines

extension Translation.Alignment {
  /// A row for each token that was written, a column for each token of the source, with hundredths in it.
  var table: String {
    var table = TextTable(.left, .right)
    table.append([""] + sourceTokens.map(\.onOneLine))
    for (token, weights) in zip(targetTokens, weights) {
      table.append(
        [token.onOneLine]
          + weights.map { weight in
            let share = Int((100 * Double(weight)).rounded())
            return share > 0 ? "\(share)" : "·"
          })
    }
    return table.text
  }

}

/// Attention of several texts as pictures below one another in one SVG document.
final class AlignmentPictures {
  private static let cell = 22
  private static let margin = 110
  private var (width, height) = (0, 0)
  private var parts: [String] = []

  /// The document with all pictures.
  var document: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
    viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12">
    \(parts.joined(separator: "\n"))
    </svg>

    """
  }

  /// Adds the picture of a text.
  func append(_ alignment: Translation.Alignment, caption: String) {
    let (cell, margin) = (Self.cell, Self.margin)
    parts.append("<g transform=\"translate(0 \(height))\"><title>\(escaped(caption))</title>")
    for (column, token) in alignment.sourceTokens.enumerated() {
      let place = "\(margin + cell * column + 15) \(margin - 6)"
      parts.append(
        "<text transform=\"translate(\(place)) rotate(-60)\">\(escaped(token))</text>")
    }
    for (row, token) in alignment.targetTokens.enumerated() {
      let top = margin + cell * row
      parts.append(
        "<text x=\"\(margin - 6)\" y=\"\(top + 15)\" text-anchor=\"end\">\(escaped(token))</text>")
      for (column, weight) in alignment.weights[row].enumerated() {
        parts.append(
          "<rect x=\"\(margin + cell * column)\" y=\"\(top)\" width=\"\(cell - 1)\" "
            + "height=\"\(cell - 1)\" fill=\"#1f4e8c\" "
            + "fill-opacity=\"\(Double(weight).decimal(3))\" stroke=\"#ddd\"/>")
      }
    }
    parts.append("</g>")
    // Slanted names reach beyond their columns.
    width = max(width, margin + cell * alignment.sourceTokens.count + margin)
    height += margin + cell * alignment.targetTokens.count + cell
  }

  private func escaped(_ text: String) -> String {
    text.onOneLine.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
