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

/// What the products of a training are computed in.
struct TrainingPrecisionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What products are computed in; int16 and bfloat16 are about twice as fast where the processor \
      has instructions for them. Weights and sums stay float32.
      """, valueName: "format"))
  var precision: ProductPrecision?
}
