// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// `attune distill`
struct DistillCommand: ClassifierTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Train a small classifier on what a large one says.",
    discussion: """
      The teacher is a trained classifier of any family: a run of Attune, a folder of transformers, \
      or the bundled one. It is asked once about each text, with its own tokens. The student learns \
      from its probabilities, softened by a temperature (Hinton, Vinyals and Dean 2015), from its \
      states, and from the labels of the table. Texts without labels may be added with --unlabelled: \
      there the teacher alone says what is right.

      The student is new and has a vocabulary of its own; or it starts from any folder (--from DIR), \
      or from some of the teacher's layers, evenly spread (--from teacher --layers 3).

        attune distill reviews.csv --teacher models/fine --output models/small
        attune distill reviews.csv --teacher models/fine --unlabelled more.txt.gz --output models/small
        attune distill reviews.csv --teacher models/fine --from teacher --layers 3 --output models/half
      """)

  @Argument(
    help: ArgumentHelp("CSV, TSV or JSON lines file of labelled texts.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "Folder of the trained classifier, or 'bundled'; a resumed run knows its own.",
      valueName: "dir"))
  var teacher: String?

  @OptionGroup var folder: RunOptions

  @Option(
    name: .customLong("unlabelled"),
    help: ArgumentHelp(
      "File of texts without labels: a table with a text column, or lines; may be repeated.",
      valueName: "file"))
  var unlabelled: [String] = []

  @Option(help: ArgumentHelp("File to validate with.", valueName: "file"))
  var validation: String?

  @Option(
    help: ArgumentHelp("Part of the data kept for validation otherwise.", valueName: "share"))
  var validationShare: Double?

  @Option(
    help: ArgumentHelp(
      "What the student starts from: a model's folder, 'teacher' or 'scratch' (default: scratch).",
      valueName: "dir"))
  var from: String?

  @OptionGroup(title: "Teaching") var teaching: DistillationOptions
  @OptionGroup(title: "Labels") var labels: ClassifierLabelOptions
  @OptionGroup(title: "Table") var table: TableOptions
  @OptionGroup(title: "Student, when trained from scratch") var model: ClassifierModelOptions
  @OptionGroup(title: "Long texts") var reading: ClassifierReadingOptions
  @OptionGroup(title: "Learning") var learning: ClassifierLearningOptions

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try ValidationError.exclude(
      ("--validation", validation != nil), ("--validation-share", validationShare != nil))
    if teacher == nil, !folder.resume {
      throw ValidationError("Name a teacher: --teacher DIR.")
    }
  }

  var request: ClassifierTraining.Request {
    var request = labelledRequest
    request.teacher = teacher
    return request
  }

  var settings: ClassifierSettings {
    var settings = labelledSettings
    teaching.apply(to: &settings)
    settings.unlabelled = unlabelled.isEmpty ? nil : unlabelled
    return settings
  }
}
