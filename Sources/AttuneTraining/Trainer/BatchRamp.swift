// SPDX-License-Identifier: Apache-2.0

/// Steps that sum few micro-batches at first and more and more of them later.
///
/// Early gradients stand far above their noise, so that small batches make more of the time that there is; late ones do not
/// (Geiping and Goldstein 2023, section 4.3, who reach the full batch after 60 % of the steps).
public struct BatchRamp: Sendable, Hashable {
  /// Share of the steps after which all micro-batches are summed, in 0...1.
  public var share: Double

  /// A ramp over a share of the steps.
  public init(share: Double = 0.6) { self.share = share }

  /// Micro-batches of a step, counted from 0, in a run of `total` steps; `most` from the end of the ramp on.
  public func microBatches(at step: Int, of total: Int, most: Int) -> Int {
    let rise = share * Double(total)
    guard Double(step) < rise else { return most }
    return min(most, 1 + Int(Double(step) / rise * Double(most)))
  }

  /// Mean number of micro-batches over a whole run.
  public func meanMicroBatches(most: Int) -> Double {
    share * Double(1 + most) / 2 + (1 - share) * Double(most)
  }
}

extension TrainingPlan {
  /// Micro-batches of a step, counted from 0.
  private func microBatches(at step: Int) -> Int {
    guard let ramp, case .steps(let total) = length else { return batching.microBatchesPerStep }
    return ramp.microBatches(at: step, of: total, most: batching.microBatchesPerStep)
  }

  /// How many micro-batches each step of an epoch takes; the last one takes what is left.
  ///
  /// - Parameter first: The step that the epoch begins with.
  func stepSizes(microBatches count: Int, from first: Int) -> [Int] {
    var (sizes, taken) = ([Int](), 0)
    while taken < count {
      let size = min(microBatches(at: first + sizes.count), count - taken)
      sizes.append(size)
      taken += size
    }
    return sizes
  }

  /// The steps of an epoch: for each the micro-batches, for each the indices of its examples.
  func steps(lengths: [Int], epoch: Int, from first: Int) -> [[[Int]]] {
    let microBatches = batching.microBatches(lengths: lengths, seed: seed, epoch: epoch)
    var start = 0
    return stepSizes(microBatches: microBatches.count, from: first).map { size in
      defer { start += size }
      return Array(microBatches[start..<start + size])
    }
  }
}
