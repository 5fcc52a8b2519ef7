// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneRecipes

/// A command that trains a classifier on a table of labelled texts.
protocol ClassifierTrainingCommand: TrainingCommand where Recipe == ClassifierTraining {
  var file: String { get }
  var folder: RunOptions { get }
  var validation: String? { get }
  var validationShare: Double? { get }
  var from: String? { get }
  var labels: ClassifierLabelOptions { get }
  var table: TableOptions { get }
  var model: ClassifierModelOptions { get }
  var reading: ClassifierReadingOptions { get }
  var learning: ClassifierLearningOptions { get }
}

extension ClassifierTrainingCommand {
  /// What every such command asks for.
  var labelledRequest: ClassifierTraining.Request {
    var request = ClassifierTraining.Request(data: file, output: folder.output)
    (request.validation, request.origin) = (validation, from)
    request.existing = folder.existing
    return request
  }

  /// What every such command sets.
  var labelledSettings: ClassifierSettings {
    var settings = ClassifierSettings()
    model.apply(to: &settings)
    learning.apply(to: &settings)
    labels.apply(to: &settings)
    reading.apply(to: &settings)
    settings.textColumns = table.textColumns.isEmpty ? nil : table.textColumns
    settings.encoding = table.encoding?.rawValue
    settings.delimiter = table.delimiter?.rawValue
    settings.validationFraction = validationShare
    return settings
  }

  func summary(of report: ClassifierReport) -> TrainingSummary { TrainingSummary(report) }
}
