// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTraining

extension ClassifierSession {
  private typealias StudentObjective = DistillationObjective<TransformerEncoder>

  /// Trains a student on what its teacher says; the maps between their states are forgotten in the end.
  func trainStudent(
    _ model: consuming TextClassifier, _ distillation: Distillation, _ meter: CostMeter
  ) throws -> TrainedClassifier {
    let plan = plan(for: model)
    let pair = distillation.pair(
      model, dimension: configuration.encoder.layer.modelDimension,
      key: RandomKey(seed: settings.seed ?? 0).place(0x737475))
    var optimizer = optimizer
    let factor = optimizer.rateMultiplier
    optimizer.rateMultiplier = { factor(Self.nameInStudent($0)) }
    let trainer = try Trainer<StudentObjective>(
      pair,
      objective: StudentObjective(
        comparison, weights: settings.distillationWeights, tokenDropout: tokenDropout,
        teacher: distillation.teacher?.encoder),
      examples: distillation.examples, plan: plan, optimizer: optimizer,
      trains: { [frozen] in frozen.trains(Self.nameInStudent($0)) })
    let session = TrainingSession<StudentObjective>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      judge: { pair, step in judge(pair.student, step: step) },
      writeBest: { pair, state in try write(pair.student, state, to: run.best) })
    let (outcome, trained) = try session.run(trainer)
    return TrainedClassifier(
      outcome: outcome, last: trained.model.student,
      best: trained.best?.student ?? trained.model.student, state: trained.state,
      writesBest: false)
  }

  /// The name that a parameter has in the student alone; that of a map is no name of the student's.
  private static func nameInStudent(_ name: String) -> String {
    name.hasPrefix("student.") ? String(name.dropFirst("student.".count)) : name
  }
}
