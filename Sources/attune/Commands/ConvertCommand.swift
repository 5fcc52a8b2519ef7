// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneCheckpoints
import AttuneModels
import AttuneRecipes

/// `attune convert`
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model again in another layout, with smaller weights or with fewer tokens.",
    discussion: """
      Words whose token is dropped with --vocabulary are cut into smaller pieces; texts without such \
      words give what they gave before. A little training makes the model used to the pieces: as the \
      student of what it was before, by 'attune distill --from'.

        attune convert --model models/fine --output models/int8 --weights int8 --validation reviews.csv
        attune convert --model models/fine --output models/small --vocabulary 10000 \\
          --texts reviews.txt.gz --texts other.csv
        attune distill reviews.csv --teacher models/fine --from models/small --output models/student
      """)

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "dir"))
  var model: String

  @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"))
  var output: String

  @Option(
    help: "Layout of a classifier (default: the folder's own, or the one that most programs open).")
  var layout: ClassifierLayout?

  @Option(
    help: """
      How the weights are stored; float16 and bfloat16 halve the file, int8 quarters it and makes \
      the model faster.
      """)
  var weights = WeightStorage.float32

  @Option(
    help: ArgumentHelp(
      "Keep so many tokens of a model with BERT's tokenizer, those that --texts use most.",
      valueName: "count"))
  var vocabulary: Int?

  @Option(
    help: ArgumentHelp(
      "File of texts that says which tokens are used; may be repeated, each counts as much.",
      valueName: "file"))
  var texts: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      File of texts to measure on what the conversion costs; with labels for a classifier, with \
      translations for a translator.
      """, valueName: "file"))
  var validation: String?

  @Option(
    help: ArgumentHelp(
      """
      Refuse to write if accuracy falls by more than this, or BLEU by a hundred times as much, or the \
      mean cosine of vectors lies further below 1 (default: 0.005).
      """, valueName: "loss"))
  var tolerance: Double?

  @OptionGroup var table: TableOptions

  @Option(
    name: .customLong("label-column"),
    help: ArgumentHelp("Column of the label.", valueName: "name"))
  var labelColumn: String?

  @Flag(help: "Replace a model that stands at the output.")
  var overwrite = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (vocabulary == nil) == texts.isEmpty else {
      throw ValidationError("--vocabulary COUNT and --texts FILE need each other.")
    }
    guard let tolerance else { return }
    guard validation != nil else {
      throw ValidationError("--tolerance needs texts to measure with: --validation FILE.")
    }
    guard tolerance >= 0, tolerance <= 1 else {
      throw ValidationError("--tolerance is \(tolerance), expected a number from 0 to 1.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    let (reader, comparison) = try ModelConversion.run(
      model: model, output: output, layout: layout, storage: weights,
      vocabulary: vocabulary.map {
        VocabularyChoice(size: $0, texts: texts, column: table.textColumns.first)
      }, overwriting: overwrite, check: check,
      observe: { if case .note(let text) = $0 { diagnostics.note(text) } })
    diagnostics.note("\(output): opens in \(reader)")
    if let comparison {
      diagnostics.note(comparison.summary)
    } else if weights == .int8 {
      diagnostics.note("what it costs was not measured; --validation FILE does that")
    }
  }

  private var check: ConversionCheck? {
    validation.map { file in
      var check = ConversionCheck(file: file)
      check.textColumns = table.textColumns
      check.labelColumn = labelColumn
      check.options = table.delimited
      if let tolerance { check.tolerance = tolerance }
      return check
    }
  }
}
