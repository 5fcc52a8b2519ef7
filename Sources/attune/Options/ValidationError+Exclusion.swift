// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

extension ValidationError {
  /// Throws when more than one of the options is given.
  static func exclude(_ options: (name: String, isGiven: Bool)...) throws {
    guard options.count(where: \.isGiven) > 1 else { return }
    let names = options.map(\.name)
    throw ValidationError(
      "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "") exclude each other.")
  }
}
