// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats

/// The names of the commands, to help who mistypes one.
enum CommandNames {
  /// Throws when a word stands where only the name of a command may.
  static func check(
    _ arguments: [String], below root: any ParsableCommand.Type
  ) throws(UnknownCommandError) {
    var command = root
    var path = [root.configuration.commandName ?? ""]
    for argument in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help" else { return }
      guard let next = subcommands.first(where: { names(of: $0).contains(argument) }) else {
        throw UnknownCommandError(
          name: argument, path: path, known: subcommands.flatMap { names(of: $0) })
      }
      command = next
      path.append(argument)
    }
  }

  private static func names(of command: any ParsableCommand.Type) -> [String] {
    [command.configuration.commandName ?? ""] + command.configuration.aliases
  }
}

/// A command that does not exist.
struct UnknownCommandError: AttuneError, Equatable {
  let name: String
  let path: [String]
  let known: [String]

  var exitCode: ExitStatus { .usage }

  var description: String {
    let list = known.joined(separator: ", ")
    return "\(path.joined(separator: " ")): there is no command '\(name)'."
      + EditDistance.suggestion(for: name, in: known) + " The commands are \(list)."
  }
}
