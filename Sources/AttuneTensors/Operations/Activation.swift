// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// A function applied to each element.
public enum Activation: String, Sendable, Hashable, CaseIterable, Codable {
  case identity
  case relu
  /// x * Phi(x), the exact form (Hendrycks and Gimpel 2016).
  case gelu
  /// The tanh approximation of GELU that GPT-2 uses.
  case geluTanh = "gelu_new"
  case tanh
  case sigmoid
  /// x * sigmoid(x), also called swish.
  case silu
  /// x * sigmoid(1.702 x), the approximation of GELU that CLIP uses.
  case quickGELU = "quick_gelu"
  /// x * tanh(log(1 + exp(x))) (Misra 2020).
  case mish

  var kernel: attune_activation {
    switch self {
    case .identity: ATTUNE_IDENTITY
    case .relu: ATTUNE_RELU
    case .gelu: ATTUNE_GELU
    case .geluTanh: ATTUNE_GELU_TANH
    case .tanh: ATTUNE_TANH
    case .sigmoid: ATTUNE_SIGMOID
    case .silu: ATTUNE_SILU
    case .quickGELU: ATTUNE_QUICK_GELU
    case .mish: ATTUNE_MISH
    }
  }
}

extension Tensor {
  /// Returns `activation` of each element.
  public func activated(by activation: Activation) -> Tensor {
    guard activation != .identity else { return self }
    return .recorded(
      Kernels.activated(self, by: activation), from: [self], saving: [self]
    ) { call in
      [.dense(Kernels.activationGradient(call.saved[0], call.gradient, of: activation))]
    }
  }
}
