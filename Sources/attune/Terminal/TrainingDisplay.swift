// SPDX-License-Identifier: Apache-2.0

import AttuneRecipes
import AttuneTraining

/// Shows what happens in a training.
final class TrainingDisplay {
  private let diagnostics: Diagnostics
  private let progress: TerminalProgress
  private var firstStep: (step: Int, seconds: Double)?
  private var firstAsked: Double?
  private var warnings: Set<String> = []

  private init(_ diagnostics: Diagnostics) {
    self.diagnostics = diagnostics
    progress = TerminalProgress(diagnostics)
  }

  /// Trains, shows what happens, and ends the process when somebody stopped it.
  static func follow<Report: RunReport>(
    _ common: CommonOptions, _ train: (RecipeMonitor) throws -> Report
  ) throws -> Report {
    let diagnostics = common.apply()
    InterruptFlag.install()
    let display = TrainingDisplay(diagnostics)
    let report = try train(
      RecipeMonitor(shouldStop: { InterruptFlag.isRaised }, observe: { display.show($0) }))
    display.clear()
    if report.outcome == .interrupted {
      diagnostics.note(
        "saved after step \(report.state.step); the same command with --resume goes on.")
      throw InterruptFlag.exitCode
    }
    return report
  }

  private func show(_ event: RecipeEvent) {
    switch event {
    case .note(let text):
      clear()
      diagnostics.note(text)
    case .warning(let text): warn(text)
    case .asked(let count, let total): progress.update(line(asked: count, of: total))
    case .training(let event): show(event)
    }
  }

  /// Makes room for other lines.
  private func clear() { progress.clear() }

  private func show(_ event: TrainingEvent) {
    switch event {
    case .step(let report): progress.update(line(report))
    case .evaluation(let evaluation, let step, let isBest):
      clear()
      let details = evaluation.details.map { detail in
        "\(detail.name.replacing("_", with: " ")) \(detail.value.decimal(4))"
      }
      diagnostics.note(
        "step \(step): \(details.joined(separator: ", "))\(isBest ? " (best so far)" : "")")
    case .checkpoint(let reason, let step):
      guard diagnostics.isVerbose else { return }
      clear()
      diagnostics.note("step \(step): checkpoint (\(reason.rawValue))")
    case .warning(let text):
      // A model that has not learned yet is warned of once, not after every epoch.
      if warnings.insert(text).inserted { warn(text) }
    case .finished(.stoppedEarly):
      clear()
      diagnostics.note("stopped early: the score no longer improves (--patience)")
    case .finished: clear()
    }
  }

  private func warn(_ text: String) {
    clear()
    diagnostics.warn(text)
  }

  private func line(asked count: Int, of total: Int) -> String {
    let first = firstAsked ?? progress.seconds
    firstAsked = first
    return TerminalProgress.line(
      count, "texts asked about", share: Double(count) / Double(max(total, 1)),
      seconds: progress.seconds - first)
  }

  private func line(_ report: StepReport) -> String {
    let first = firstStep ?? (report.step - 1, progress.seconds - report.seconds)
    firstStep = first
    let (made, seconds) = (report.step - first.step, progress.seconds - first.seconds)
    let left = seconds / Double(max(made, 1)) * Double(report.totalSteps - report.step)
    return [
      "step \(report.step.grouped) of \(report.totalSteps.grouped)", "epoch \(report.epoch + 1)",
      "loss \(report.loss.decimal(3))", "\(Int(report.tokensPerSecond).grouped) tokens/s",
      "\(TerminalProgress.duration(left)) left",
    ].joined(separator: ", ")
  }
}
