// SPDX-License-Identifier: Apache-2.0

public import AttuneTraining

/// What happens while a recipe runs; the caller shows it.
public enum RecipeEvent: Sendable {
  /// What was found or decided.
  case note(String)
  /// What the user should look at.
  case warning(String)
  /// A teacher was asked about so many of all texts.
  case asked(Int, of: Int)
  /// A step, an evaluation or a checkpoint of the training.
  case training(TrainingEvent)
}
