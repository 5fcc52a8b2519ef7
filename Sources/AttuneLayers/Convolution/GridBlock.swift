// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Norm, activation and convolution of a grid, added to what came in (He et al. 2016, figure 4e).
public struct GridBlock: Module {
  public var norm: BatchNorm
  public var convolution: GridConvolution
  /// Dropout of what the convolution returns.
  public let dropout: Dropout

  /// A block over cells of `channels` columns.
  public init(channels: Int, window: GridWindow, dropout: Dropout, key: RandomKey) {
    norm = BatchNorm(dimension: channels)
    convolution = GridConvolution(channels: channels, output: channels, window: window, key: key)
    self.dropout = dropout
  }

  /// [cells, channels] -> [cells, channels]
  public func callAsFunction(
    _ cells: Tensor, layout: GridLayout, history: inout GridHistory, mode: Mode
  ) -> Tensor {
    let active = norm(cells, mode: mode).activated(by: .relu)
    return convolution(active, layout: layout, history: &history)
      .dropped(dropout.draw(mode), addedTo: cells)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("norm", &norm)
    visit("convolution", &convolution)
  }
}
