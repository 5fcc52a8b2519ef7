// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneTensors

/// What the products of a model at work are computed in.
struct InferencePrecisionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the model's products are computed in (default: int8 if its weights are, else float32).",
      valueName: "format"))
  var precision: PackedMatrix.Format?
}
