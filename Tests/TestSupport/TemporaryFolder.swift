// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Foundation

/// A folder of a test's own, removed with its last reference.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    let place = FileManager.default.temporaryDirectory.path
    path = FileSystem.join(place, "attune-test-\(UInt64.random(in: 0...(.max)))")
    try FileSystem.createFolder(path)
  }

  deinit { try? FileSystem.remove(path) }

  /// Returns the path of a name in the folder.
  public func path(_ name: String) -> String { FileSystem.join(path, name) }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try AtomicFile.write(bytes, to: path(name), parents: .created)
    return path(name)
  }

  /// Writes a text file and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }
}
