// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// How the elements of a tensor are stored.
///
/// Attune computes in Float32. Double exists so that derivatives can be checked against central differences with the
/// very code that trains.
public enum Precision: Sendable, Hashable {
  case float32
  case float64

  /// Bytes of one element.
  public var byteCount: Int { self == .float32 ? 4 : 8 }

  var kernel: attune_precision { self == .float32 ? ATTUNE_FLOAT32 : ATTUNE_FLOAT64 }
}
