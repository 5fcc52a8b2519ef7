// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import AttuneTensors

/// The regularised loss of a linear model over sparse rows, and its gradient.
///
/// Parameters lie term by term, `outputCount` numbers each, then the intercepts.
struct LinearLoss {
  let outputCount: Int
  let termCount: Int
  private let rows: TermVectors
  private let columns: TermVectors
  private let targets: LinearTargets
  private let rowWeights: [Double]
  private let decay: Double
  /// Ranges of terms with about equally many entries.
  private let termChunks: [Range<Int>]

  private static let rowChunk = 256
  private static let entriesPerTermChunk = 1 << 15

  /// - Parameters:
  ///   - rowWeights: How much each row counts.
  ///   - strength: Weight of the loss against half the squared norm of the parameters.
  init(
    rows: TermVectors, termCount: Int, targets: LinearTargets, rowWeights: [Double],
    strength: Double
  ) {
    outputCount = targets.outputCount
    self.termCount = termCount
    self.rows = rows
    columns = rows.transposed(termCount: termCount)
    self.targets = targets
    let total = rowWeights.reduce(0, +)
    self.rowWeights = rowWeights.map { $0 / total }
    decay = 1 / (strength * total)
    termChunks = Self.chunks(of: columns.offsets)
  }

  var parameterCount: Int { (termCount + 1) * outputCount }

  private static func chunks(of offsets: [Int]) -> [Range<Int>] {
    var (result, first): ([Range<Int>], Int) = ([], 0)
    for term in 0..<offsets.count - 1
    where offsets[term + 1] - offsets[first] >= entriesPerTermChunk || term == offsets.count - 2 {
      result.append(first..<term + 1)
      first = term + 1
    }
    return result
  }

  /// Returns the value at `parameters` and writes the gradient.
  func evaluate(_ parameters: [Double], _ gradient: inout [Double]) -> Double {
    let rowCount = rows.rowCount
    var residuals = [Double](repeating: 0, count: rowCount * outputCount)
    let chunkCount = (rowCount + Self.rowChunk - 1) / Self.rowChunk
    var losses = [Double](repeating: 0, count: chunkCount)
    residuals.withUnsafeMutableBufferPointer { residuals in
      losses.withUnsafeMutableBufferPointer { losses in
        Parallel.forEach(chunkCount) { chunk in
          let range = chunk * Self.rowChunk..<min((chunk + 1) * Self.rowChunk, rowCount)
          losses[chunk] = range.reduce(0) {
            $0 + score($1, parameters, residuals.extracting(slice($1)))
          }
        }
      }
    }
    let intercepts = parameters.suffix(outputCount).reduce(0) { $0 + $1 * $1 }
    let squares = Vectors.dot(parameters, parameters) - intercepts
    writeGradient(&gradient, parameters, residuals)
    return losses.reduce(0, +) + decay / 2 * squares
  }

  private func slice(_ row: Int) -> Range<Int> { row * outputCount..<(row + 1) * outputCount }

  /// Writes the derivative by the scores of a row; returns its loss.
  private func score(
    _ row: Int, _ parameters: [Double], _ scores: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    Self.scores(of: row, in: rows, parameters, into: scores)
    return targets.compare(row, scores, weight: rowWeights[row])
  }

  private func writeGradient(
    _ gradient: inout [Double], _ parameters: [Double], _ residuals: [Double]
  ) {
    let width = outputCount
    for output in 0..<width {
      gradient[termCount * width + output] = (0..<rows.rowCount).reduce(0) {
        $0 + residuals[$1 * width + output]
      }
    }
    gradient.withUnsafeMutableBufferPointer { gradient in
      parameters.withUnsafeBufferPointer { parameters in
        residuals.withUnsafeBufferPointer { residuals in
          Parallel.forEach(termChunks.count) { chunk in
            for term in termChunks[chunk] {
              for output in 0..<width {
                var total = decay * parameters[term * width + output]
                for entry in columns.offsets[term]..<columns.offsets[term + 1] {
                  total +=
                    Double(columns.weights[entry])
                    * residuals[Int(columns.terms[entry]) * width + output]
                }
                gradient[term * width + output] = total
              }
            }
          }
        }
      }
    }
  }
}

extension LinearLoss {
  /// Writes the scores of a row: one for each output.
  static func scores(
    of row: Int, in rows: TermVectors, _ parameters: [Double],
    into scores: UnsafeMutableBufferPointer<Double>
  ) {
    let width = scores.count
    let entries = rows.offsets[row]..<rows.offsets[row + 1]
    parameters.withUnsafeBufferPointer { parameters in
      rows.terms.withUnsafeBufferPointer { terms in
        rows.weights.withUnsafeBufferPointer { weights in
          for output in 0..<width {
            var total = parameters[parameters.count - width + output]
            for entry in entries {
              total += Double(weights[entry]) * parameters[Int(terms[entry]) * width + output]
            }
            scores[output] = total
          }
        }
      }
    }
  }

  /// Replaces scores by probabilities; returns the logarithm of the sum of their exponentials.
  @discardableResult
  static func normalize(_ scores: UnsafeMutableBufferPointer<Double>) -> Double {
    let largest = scores.max() ?? 0
    var total = 0.0
    for index in scores.indices {
      scores[index] = exp(scores[index] - largest)
      total += scores[index]
    }
    for index in scores.indices { scores[index] /= total }
    return largest + log(total)
  }
}
