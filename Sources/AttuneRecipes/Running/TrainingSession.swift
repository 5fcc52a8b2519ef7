// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttunePipelines
internal import AttuneTraining

/// The steps of a training and what stands around them whatever is trained: resuming, checkpoints, the mean of the last
/// models, the model that is written as the best.
struct TrainingSession<O: Objective> {
  let output: RunOutput
  let monitor: RecipeMonitor
  let meter: CostMeter
  /// Models after the last evaluations whose mean is judged and written; 1: the last one.
  var averageCount = 1
  /// How a model does on the validation examples after a step.
  let judge: (O.Model, _ step: Int) throws -> Evaluation
  /// Writes the model with the best score so far; nil: the caller does it in the end.
  let writeBest: ((O.Model, TrainingState) throws -> Void)?

  /// Goes on where an interrupted run stopped, and makes the steps that are left.
  ///
  /// - Parameter trainer: The run before its first step; taken over, so that its model is updated in place.
  func run(_ trainer: consuming Trainer<O>) throws -> (
    outcome: TrainingOutcome, trainer: Trainer<O>
  ) {
    var trainer = trainer
    let checkpoints = try CheckpointFolder(
      output.folder.checkpoints, start: output.existing == .resumed ? .resumeIfPossible : .fresh)
    monitor.warnings(try trainer.resume(from: checkpoints))
    if trainer.state.step > 0 {
      monitor.note("resumed after step \(trainer.state.step) of \(trainer.totalSteps)")
    }
    let average = ModelAverage<O.Model>(
      count: averageCount, folder: FileSystem.join(output.folder.path, "averaged"))
    try average.resume(after: trainer.state.step, like: trainer.model)
    let outcome = try trainer.run(hooks(checkpoints, average))
    return (outcome, trainer)
  }

  private func hooks(
    _ checkpoints: CheckpointFolder, _ average: ModelAverage<O.Model>
  ) -> TrainingHooks<O.Model> {
    let judged = JudgedModel<O.Model>()
    return TrainingHooks(
      evaluate: { model in
        let mean = try average.mean(adding: model, step: judged.step)
        // Of a single model a second holder would make the next step copy it.
        judged.model = average.count > 1 ? mean : nil
        return try judge(mean, judged.step)
      },
      save: { snapshot, reason in
        if reason == .best { try writeBest?(judged.model ?? snapshot.model, snapshot.state) }
        monitor.warnings(try checkpoints.save(snapshot))
      },
      shouldStop: monitor.shouldStop,
      observe: { event in
        meter.count(event)
        if case .step(let report) = event { judged.step = report.step }
        monitor.observe(.training(event))
      })
  }
}

/// The mean that was judged last, and the last step.
private final class JudgedModel<Model> {
  var step = 0
  var model: Model?
}

extension TrainingState {
  /// What `attune.json` says of a run that stands here.
  var facts: [(String, JSONValue)] {
    [
      ("steps", .integer(step)), ("epochs", .integer(epoch)), ("tokens", .integer(tokenCount)),
      ("best_score", bestScore.map { .number($0) } ?? .null),
      ("best_step", bestStep.map { .integer($0) } ?? .null),
    ]
  }
}
