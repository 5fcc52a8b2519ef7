// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Grid convolution")
struct GridConvolutionTests {
  /// Each weight is a power of ten, so that the digits of a result are the cells that were seen.
  private var digits: GridConvolution {
    var convolution = GridConvolution(
      channels: 1, output: 1, window: GridWindow(targetRows: 2, sourceColumns: 3),
      key: RandomKey(seed: 1))
    convolution.map.weight.values = Tensor(
      [100_000, 10_000, 1_000, 100, 10, 1], shape: [1, 6])
    return convolution
  }

  @Test("Cells see their neighbours before, beside and not behind")
  func seesTheWindow() {
    let layout = GridLayout(targetLengths: [2, 1], sourceLengths: [3, 1])
    var history = GridHistory(sourceLengths: [3, 1])
    let cells = Tensor([1, 2, 3, 4, 5, 6, 7], shape: [7, 1])
    let seen = digits(cells, layout: layout, history: &history).values
    #expect(seen == [12, 123, 230, 12_045, 123_456, 230_560, 70])
  }

  @Test("Row after row sees what all rows together see, also after rows were exchanged")
  func remembersRows() {
    var history = GridHistory(sourceLengths: [3, 1])
    let first = digits(
      Tensor([1, 2, 3, 7], shape: [4, 1]),
      layout: GridLayout(targetLengths: [1, 1], sourceLengths: [3, 1]), history: &history)
    #expect(first.values == [12, 123, 230, 70])
    history.select(rows: [1, 0])
    let second = digits(
      Tensor([8, 4, 5, 6], shape: [4, 1]),
      layout: GridLayout(targetLengths: [1, 1], sourceLengths: [1, 3]), history: &history)
    #expect(second.values == [70_080, 12_045, 123_456, 230_560])
  }

  @Test("Tokens of each cell")
  func namesTokens() {
    let layout = GridLayout(targetLengths: [2, 1], sourceLengths: [2, 3])
    #expect(layout.targetTokens == [0, 0, 1, 1, 2, 2, 2])
    #expect(layout.sourceTokens(firstTokens: [5, 0]) == [5, 6, 5, 6, 0, 1, 2])
  }

  @Test("A block has the derivatives that differences show")
  func hasDerivatives() throws {
    let block = GridBlock(
      channels: 2, window: GridWindow(targetRows: 2, sourceColumns: 3), dropout: Dropout(0.25),
      key: RandomKey(seed: 4))
    try ModuleContract.checkListing(of: block)
    let layout = GridLayout(targetLengths: [2, 3], sourceLengths: [3, 1])
    let cells = Tensor.drawn([layout.cellCount, 2], seed: 6)
    for isTraining in [false, true] {
      try expectGradients(of: block) { block in
        var history = GridHistory(sourceLengths: layout.sourceLengths)
        let mode = isTraining ? Mode.training(TrainingPass(seed: 1, step: 1)) : .inference
        return block(cells, layout: layout, history: &history, mode: mode)
      }
    }
  }
}
