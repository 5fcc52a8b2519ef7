// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// The folder that a training makes.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder to be made.", valueName: "dir"))
  var output: String

  @Flag(help: "Go on with the run in --output.")
  var resume = false

  @Flag(help: "Delete the run in --output and start anew.")
  var overwrite = false

  /// What happens when the folder exists.
  var existing: ExistingOutput { resume ? .resumed : overwrite ? .overwritten : .refused }

  func validate() throws {
    try ValidationError.exclude(("--resume", resume), ("--overwrite", overwrite))
  }
}
