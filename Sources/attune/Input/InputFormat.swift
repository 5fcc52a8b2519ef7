// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats

/// How texts stand in a file.
enum InputFormat: String, CaseIterable, ExpressibleByArgument {
  /// One text a line.
  case lines
  /// A table with a header.
  case csv
  /// A table whose fields stand between tabulators.
  case tsv
  /// One JSON object a line.
  case jsonl

  /// The format that the name of the file tells, or nil.
  init?(nameOf path: String) {
    var parts = FileSystem.name(of: path).lowercased().split(separator: ".")
    if parts.last == "gz" { parts.removeLast() }
    guard parts.count > 1, let suffix = parts.last else { return nil }
    switch suffix {
    case "csv": self = .csv
    case "tsv": self = .tsv
    case "jsonl", "ndjson": self = .jsonl
    case "txt": self = .lines
    default: return nil
    }
  }
}
