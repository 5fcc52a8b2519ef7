// SPDX-License-Identifier: Apache-2.0

import AttuneModels
import AttunePipelines
import AttuneTraining

/// What should be said of the rows of a file.
enum Truths {
  /// The place of the one label.
  case labels([Int])
  /// Whether each label holds.
  case labelSets([[Bool]])
  /// The number.
  case numbers([Double])
}

/// Rows of a file with what should be said of them and what the model says.
struct EvaluatedRows {
  typealias Prediction = TextClassification.Prediction

  let task: ClassificationTask
  let labels: [String]
  let separator: String
  let truths: Truths
  let predictions: [Prediction]
  /// The line of the file that each row begins on.
  let lines: [Int]
  /// The beginning of each text.
  let texts: [String]

  var count: Int { predictions.count }

  /// The place of the label that was given to each row.
  var predictedLabels: [Int] {
    let places = Dictionary(
      labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return predictions.map { places[$0.label] ?? 0 }
  }

  /// Whether each label was given to each row.
  var predictedSets: [[Bool]] {
    predictions.map { prediction in
      let given = Set(prediction.labels)
      return labels.map(given.contains)
    }
  }

  /// The number that was given to each row.
  var predictedNumbers: [Double] { predictions.map { Double($0.logits.first ?? 0) } }

  /// What is right about each row, from 0 to 1; of numbers the distance to the truth.
  var marks: [Double] {
    switch truths {
    case .labels(let truths): zip(truths, predictedLabels).map { $0 == $1 ? 1 : 0 }
    case .labelSets(let truths): zip(truths, predictedSets).map { $0 == $1 ? 1 : 0 }
    case .numbers(let truths): zip(truths, predictedNumbers).map { abs($0 - $1) }
    }
  }

  /// What the mean of the marks is called.
  var markName: String {
    switch truths {
    case .labels: "accuracy"
    case .labelSets: "exact match"
    case .numbers: "mean absolute error"
    }
  }

  /// A mean of marks as people read it.
  func text(ofMark mark: Double) -> String {
    if case .numbers = truths { mark.decimal(3) } else { mark.percent }
  }

  /// The truth of a row in words.
  func truth(_ row: Int) -> String {
    switch truths {
    case .labels(let truths): labels[truths[row]]
    case .labelSets(let truths):
      zip(labels, truths[row]).filter(\.1).map(\.0).joined(separator: separator)
    case .numbers(let truths): "\(truths[row])"
    }
  }

  /// What probabilities are judged by; nil where the answers are numbers.
  var calibrationCases: [CalibrationCase]? {
    switch truths {
    case .labels(let truths):
      zip(predictions, truths).map { CalibrationCase(logits: $0.logits, label: $1) }
    case .labelSets(let truths):
      CalibrationCase.all(logits: predictions.map(\.logits), labelSets: truths)
    case .numbers: nil
    }
  }
}
