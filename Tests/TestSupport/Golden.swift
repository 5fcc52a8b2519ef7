// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The files under `Tests/Golden`, made by other programs; the script of each lies beside it.
public enum Golden {
  /// Returns the path of a golden file, as `Golden.path("Formats/gzip.json")`.
  public static func path(_ name: String) -> String {
    let tests = FileSystem.parent(of: FileSystem.parent(of: #filePath))
    return "\(tests)/Golden/\(name)"
  }
}
