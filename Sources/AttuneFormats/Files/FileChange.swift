// SPDX-License-Identifier: Apache-2.0

/// The gate before every change of the file system.
///
/// It stands open, except where a test of durability lets the n-th change fail, or the process die.
package final class FileChange: Sendable {
  @TaskLocal private static var current: FileChange?

  /// Returns the `errno` with which the change is refused, or nil.
  package typealias Refusal = @Sendable (FileError.Operation, _ path: String) -> Int32?

  private let refusal: Refusal

  private init(_ refusal: @escaping Refusal) { self.refusal = refusal }

  /// Runs `body` with a refusal for the changes that it makes; others go on undisturbed.
  package static func refusing<Result>(
    _ refusal: @escaping Refusal, during body: () throws -> Result
  ) rethrows -> Result {
    try $current.withValue(FileChange(refusal), operation: body)
  }

  static func pass(_ operation: FileError.Operation, _ path: String) throws(FileError) {
    guard let code = current?.refusal(operation, path) else { return }
    throw FileError(operation, path, errorNumber: code)
  }
}
