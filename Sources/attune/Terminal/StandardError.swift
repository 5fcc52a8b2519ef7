// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// The stream for everything that is no result.
enum StandardError {
  /// Whether people watch it.
  static var isTerminal: Bool { isatty(2) != 0 }

  /// Writes at once; there is nowhere to tell of a failure.
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count, let base = bytes.baseAddress {
        let count = systemWrite(2, base + written, bytes.count - written)
        guard count > 0 else { return }
        written += count
      }
    }
  }
}

extension StandardError {
  /// Writes a line that quotes files and arguments: what in them would move the cursor or change colours is shown instead.
  static func tell(_ message: String) {
    var line = ""
    for scalar in message.unicodeScalars {
      if scalar.properties.generalCategory == .control, scalar != "\n", scalar != "\t" {
        line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    write(line + "\n")
  }
}

// Inside the type the name of the system is hidden by its own method.
private func systemWrite(_ number: Int32, _ base: UnsafePointer<UInt8>, _ count: Int) -> Int {
  write(number, base, count)
}

/// What people are told beside the results.
struct Diagnostics: Sendable {
  let isQuiet: Bool
  let isVerbose: Bool

  /// Says what is good to know.
  func note(_ text: String) { if !isQuiet { StandardError.tell("note: \(text)") } }

  /// Says what should be looked at.
  func warn(_ text: String) { if !isQuiet { StandardError.tell("warning: \(text)") } }
}
