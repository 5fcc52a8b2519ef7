// SPDX-License-Identifier: Apache-2.0

/// Rows of cells in columns of equal width, for people.
struct TextTable {
  /// On which side of its column a cell stands.
  enum Alignment { case left, right }

  private var rows: [[String]] = []
  private let alignments: [Alignment]

  /// A table whose further columns stand as the last one given.
  init(_ alignments: Alignment...) { self.alignments = alignments }

  mutating func append(_ cells: [String]) { rows.append(cells) }

  /// The lines; nothing is put after the last cell of a row.
  var text: String {
    let columnCount = rows.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      rows.map { column < $0.count ? Self.width($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - Self.width(cell))
        return alignment(column) == .left ? cell + space : space + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private func alignment(_ column: Int) -> Alignment {
    column < alignments.count ? alignments[column] : alignments.last ?? .left
  }

  private static func width(_ cell: String) -> Int { cell.count }
}

extension String {
  /// The text on one line without anything that a terminal would obey.
  var onOneLine: String {
    var result = String.UnicodeScalarView()
    var isAfterSpace = false
    for scalar in unicodeScalars {
      let isSpace = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
      if !isSpace || !isAfterSpace { result.append(isSpace ? " " : scalar) }
      isAfterSpace = isSpace
    }
    return String(result)
  }
}
