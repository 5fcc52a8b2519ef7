// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines
import AttuneRecipes
import AttuneTraining

/// What the training of a translator or a captioner came to, as it is printed.
struct WriterSummary {
  let report: WriterReport

  /// Prints it as a table, or as one JSON document.
  func write(asJSON isJSON: Bool) throws {
    let output = ResultOutput()
    if isJSON {
      try output.write(document, .pretty)
    } else {
      try output.write(table.text)
    }
    try output.finish()
  }

  private var document: JSONValue {
    var document = report.json.objectValue ?? JSONObject()
    document["model"] = .string(TrainingRun(report.run).best)
    document["opens_in"] = .string(report.reader)
    return .object(document)
  }

  private var table: TextTable {
    var table = TextTable(.left)
    for detail in report.evaluation.details {
      table.append([detail.name.replacing("_", with: " "), detail.value.decimal(4)])
    }
    table.append(["model", TrainingRun(report.run).best])
    table.append(["opens in", report.reader])
    table.append(["parameters", report.parameterCount.grouped])
    let cost = report.cost
    table.append([
      "took",
      "\(TerminalProgress.duration(cost.seconds)), \(Int(cost.tokensPerSecond).grouped) tokens/s in "
        + "\(cost.stepCount.counted("step", "steps")), \(Int(cost.peakMebibytes).grouped) MiB of memory at most",
    ])
    return table
  }
}
