// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport

extension Module {
  /// The module with every parameter drawn anew, so that no gradient is small for want of weight.
  var awakened: Self {
    var copy = self
    var seed: UInt64 = 100
    copy.updateTensors { _, tensor, _ in
      seed += 1
      tensor = .drawn(tensor.shape, seed: seed).converted(to: .float32)
    }
    return copy
  }
}
