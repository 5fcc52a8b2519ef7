// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// What stands between two fields.
public enum Delimiter: String, Sendable, CaseIterable {
  /// `,`
  case comma
  /// `;`, where the comma is the decimal sign.
  case semicolon
  /// The tabulator.
  case tab
  /// `|`
  case pipe

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: 0x09
    case .pipe: UInt8(ascii: "|")
    }
  }
}

/// What a double quote means.
public enum Quoting: String, Sendable, CaseIterable {
  /// A field may stand in double quotes, with quotes in it doubled (RFC 4180).
  case doubled
  /// A quote is a character like any other, as IANA's text/tab-separated-values has it.
  case none
}

/// How the rows of a file are cut into fields.
public struct DelimitedFormat: Sendable, Equatable, CustomStringConvertible {
  /// What stands between two fields.
  public var delimiter: Delimiter
  /// What a double quote means.
  public var quoting: Quoting

  /// Makes a format; without a wish, quotes quote unless the delimiter is the tabulator.
  public init(_ delimiter: Delimiter, quoting: Quoting? = nil) {
    self.delimiter = delimiter
    self.quoting = quoting ?? (delimiter == .tab ? .none : .doubled)
  }

  /// The format in words: "delimiter: comma, quotes: doubled".
  public var description: String {
    "delimiter: \(delimiter.rawValue), quotes: \(quoting.rawValue)"
  }
}

/// What the user may say about a delimited file; what is nil is found out.
public struct DelimitedOptions: Sendable {
  /// What stands between two fields; nil: TAB for `.tsv`, else by the first rows.
  public var delimiter: Delimiter?
  /// What a double quote means; nil: doubled, but none with TAB.
  public var quoting: Quoting?
  /// How characters are written as bytes.
  public var encoding: TextEncoding
  /// Whether the first row names the columns; without it they are `column1`, `column2` and so on.
  public var hasHeader: Bool

  /// Makes options.
  public init(
    delimiter: Delimiter? = nil, quoting: Quoting? = nil, encoding: TextEncoding = .utf8,
    hasHeader: Bool = true
  ) {
    (self.delimiter, self.quoting) = (delimiter, quoting)
    (self.encoding, self.hasHeader) = (encoding, hasHeader)
  }
}

extension DelimitedFormat {
  /// Finds the format from the name and the first rows.
  static func detect(
    name: String, sample: UnsafeBufferPointer<UInt8>, options: DelimitedOptions
  ) -> DelimitedFormat {
    if let delimiter = options.delimiter {
      return DelimitedFormat(delimiter, quoting: options.quoting)
    }
    if TableFormat.suffix(of: name) == "tsv" {
      return DelimitedFormat(.tab, quoting: options.quoting)
    }
    var best = (format: DelimitedFormat(.comma, quoting: options.quoting), fit: (0.5, 0, 1) as Fit)
    for delimiter in Delimiter.allCases {
      let format = DelimitedFormat(delimiter, quoting: options.quoting)
      guard let fit = format.fit(to: sample), fit.columns > 1, fit > best.fit else { continue }
      best = (format, fit)
    }
    return best.format
  }

  /// How many of the first rows have as many fields as the header, as shares: of those that are surely whole, and of all; and how
  /// many fields that are.
  private typealias Fit = (whole: Double, all: Double, columns: Int)

  private func fit(to sample: UnsafeBufferPointer<UInt8>) -> Fit? {
    let rowLimit = 50
    let bytes = Array(sample.prefix(1 << 16))
    guard
      let input = try? TextInput(MemoryByteSource(bytes), encoding: .utf8)
    else { return nil }
    var scanner = RecordScanner(input: input, format: self)
    var counts: [Int] = []
    // An error ends the sample: at its cut end by chance, or because this is not the format.
    while counts.count < rowLimit, let count = (try? scanner.next())??.count {
      counts.append(count)
    }
    guard let columns = counts.first else { return nil }
    func share(_ rows: ArraySlice<Int>) -> Double {
      rows.isEmpty ? 1 : Double(rows.count { $0 == columns }) / Double(rows.count)
    }
    // The last row may be cut: where the sample ends, or where a pipe has no more yet.
    let mayBeCut = counts.count < rowLimit && bytes.last != 0x0A && bytes.last != 0x0D
    let rows = counts.dropFirst()
    return (share(mayBeCut ? rows.dropLast() : rows), share(rows), columns)
  }
}
