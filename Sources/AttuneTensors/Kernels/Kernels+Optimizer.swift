// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// One step of AdamW on all elements, in place.
  static func adamW(
    _ tables: MomentTables, along gradient: Tensor, _ settings: attune_adamw_settings
  ) {
    let parameter = tables.parameter
    precondition(
      gradient.shape == parameter.shape, "AdamW: \(gradient.shape) along \(parameter.shape)")
    Parallel.forElements(parameter.count) { range in
      let start = range.lowerBound
      var settings = settings
      attune_adamw(
        parameter.precision.kernel, &settings, 1, gradient.pointer(atElement: start),
        parameter.pointer(atElement: start), tables.first.pointer(atElement: start),
        tables.second.pointer(atElement: start), range.count)
    }
  }
}
