// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

extension SequenceClassifier where Encoder: SequenceEncoder<TokenBatch> {
  /// Returns the scores of texts: of each the mean over its windows.  examples -> [examples, labels]
  ///
  /// Windows are worked on `tokenBudget` tokens at a time, longest first, so texts may be of any length.
  public func logits(
    pooledOver examples: [ClassificationExample], tokenBudget: Int = 8_192
  ) -> Tensor {
    pooled(over: examples, tokenBudget) { logits($0, mode: .inference) }
  }

  /// Returns what the last layer tells the labels of texts by: of each the mean over its windows.
  /// examples -> [examples, dimension]
  public func features(
    pooledOver examples: [ClassificationExample], tokenBudget: Int = 8_192
  ) -> Tensor {
    pooled(over: examples, tokenBudget) { features($0, mode: .inference) }
  }

  /// - Parameter rows: Gives a row for each window.
  private func pooled(
    over examples: [ClassificationExample], _ tokenBudget: Int, _ rows: (TokenBatch) -> Tensor
  ) -> Tensor {
    let places = examples.indices.flatMap { example in
      examples[example].windows.indices.map { (example: example, window: $0) }
    }
    func window(_ index: Int) -> TokenWindow {
      examples[places[index].example].windows[places[index].window]
    }
    let batches = Batching(.tokenBudget(tokens: tokenBudget))
      .steps(lengths: places.indices.map { window($0).ids.count }, seed: 0, epoch: 0).joined()
    var results = [[Float]](repeating: [], count: places.count)
    for batch in batches {
      let found = rows(TokenBatch(batch.map(window)))
      let (values, width) = (found.values, found.columnCount)
      for (row, index) in batch.enumerated() {
        results[index] = Array(values[row * width..<(row + 1) * width])
      }
    }
    let width = results.first?.count ?? 1
    var sums = [Double](repeating: 0, count: examples.count * width)
    for (row, place) in zip(results, places) {
      for column in row.indices { sums[place.example * width + column] += Double(row[column]) }
    }
    let means = sums.enumerated().map { index, sum in
      Float(sum / Double(examples[index / width].windows.count))
    }
    return Tensor(means, shape: [examples.count, width])
  }
}
