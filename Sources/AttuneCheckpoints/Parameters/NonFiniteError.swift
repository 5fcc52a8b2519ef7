// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
internal import AttuneTensors

/// Tensors that are not saved because they have numbers that are infinite or not a number.
public struct NonFiniteError: AttuneError, Equatable {
  /// The tensors with the first such number of each.
  public let tensors: [ParameterLoadingError.NonFinite]

  /// The computation is at fault.
  public var exitCode: ExitStatus { .failure }

  /// The message for the user.
  public var description: String {
    var table = MessageTable()
    table.add(tensors.map { ["not finite", $0.name, "number \($0.index) is \($0.value)"] })
    return "the model is not saved, because training has diverged; "
      + "lower the learning rate and resume from the last checkpoint\n" + table.description
  }

  /// Throws, naming all of them, if some tensors are not finite.
  static func check(_ tensors: [NamedTensor]) throws(NonFiniteError) {
    let found = tensors.compactMap { $0.tensor.firstNonFinite(named: $0.name) }
    guard found.isEmpty else { throw NonFiniteError(tensors: found) }
  }
}
