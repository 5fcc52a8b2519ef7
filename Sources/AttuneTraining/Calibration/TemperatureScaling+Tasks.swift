// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

extension TemperatureScaling {
  /// Fits the temperature to a classifier's scores of texts; nil where the answers are numbers.  [texts, labels]
  public init?(fittingLogits logits: Tensor, truths: [ClassificationTarget]) {
    var cases: [CalibrationCase] = []
    for (row, truth) in zip(logits.detached().rowValues, truths) {
      switch truth {
      case .label(let label): cases.append(CalibrationCase(logits: row, label: label))
      case .labels(let holds): cases += CalibrationCase.all(logits: [row], labelSets: [holds])
      case .number: return nil
      }
    }
    self.init(fitting: cases)
  }
}
