// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Texts for people that change only on purpose: `ATTUNE_WRITE_SNAPSHOTS=1` writes them anew.
enum Snapshot {
  /// Expects the text of `Tests/Golden/EndToEnd/<name>.txt`.
  static func expect(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = Golden.path("EndToEnd/\(name).txt")
    if getenv("ATTUNE_WRITE_SNAPSHOTS") != nil {
      try AtomicFile.write(Array(text.utf8), to: path, parents: .created)
    }
    #expect(text == (try InputFile.text(of: path)), sourceLocation: sourceLocation)
  }
}
