// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneTensors

extension TrainingPlan {
  /// A line that is equal for two runs whose steps see the same examples.
  func origin(lengths: [Int]) -> String {
    var hash = SHA256()
    for length in lengths {
      withUnsafeBytes(of: Int64(length).littleEndian) { hash.update($0) }
    }
    let batches =
      switch batching.strategy {
      case .shuffled(let examples): "\(examples) shuffled"
      case .lengthGrouped(let examples, let pool): "\(examples) of like length (pools of \(pool))"
      case .tokenBudget(let tokens): "up to \(tokens) tokens"
      }
    return
      "\(lengths.count) examples (lengths \(hash.finalize().description.prefix(12))), batches of \(batches), "
      + "\(batching.microBatchesPerStep) a step, seed \(seed)"
      + (ramp == nil ? "" : ", as many from step \(rampEnd) on")
      // Runs of old checkpoints were all Float32, and their line says nothing of it.
      + (precision == .float32 ? "" : ", products in \(precision.rawValue)")
  }

  /// The step from which on all micro-batches are summed.
  private var rampEnd: Int {
    guard let ramp, case .steps(let total) = length else { return 0 }
    return Int(ramp.share * Double(total))
  }
}
