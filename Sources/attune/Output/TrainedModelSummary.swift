// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines
import AttuneRecipes
import AttuneTraining

/// What the training of a translator, a captioner or an encoder came to, as it is printed.
struct TrainedModelSummary: ResultDocument {
  let report: any ModelReport
  /// What the scores say; nil: they speak for themselves.
  var meaning: String?
  /// The command that the model is for.
  var use: String?

  var json: JSONValue {
    var document = report.json.objectValue ?? JSONObject()
    document["model"] = .string(TrainingRun(report.run).best)
    document["opens_in"] = .string(report.reader)
    return .object(document)
  }

  var text: String {
    var table = TextTable(.left)
    for detail in report.scores {
      table.append([detail.name.replacing("_", with: " "), detail.value.decimal(4)])
    }
    if let meaning { table.append(["so", meaning]) }
    table.append(["model", TrainingRun(report.run).best])
    table.append(["opens in", report.reader])
    table.append(["parameters", report.parameterCount.grouped])
    if let use { table.append(["use it", use]) }
    table.append(report.cost)
    return table.text
  }
}

extension TextTable {
  /// Appends what a training took.
  mutating func append(_ cost: TrainingCost) {
    append([
      "took",
      "\(TerminalProgress.duration(cost.seconds)), \(Int(cost.tokensPerSecond).grouped) tokens/s in "
        + "\(cost.stepCount.counted("step", "steps")), \(Int(cost.peakMebibytes).grouped) MiB of memory at most",
    ])
  }
}
