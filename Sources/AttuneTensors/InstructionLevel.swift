// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import CAttuneKernels

/// The instructions of the processor that the kernels use.
public enum InstructionLevel {
  /// The variable of the environment that names a lower level than the processor's.
  public static let variable = "ATTUNE_INSTRUCTION_LEVEL"

  /// The name of the level in use.
  public static var current: String {
    String(cString: attune_level_name(attune_current_level()))
  }

  /// What is wrong with the level that the environment names; nil: nothing. Programs that do not ask get a warning and the highest
  /// level that the processor has.
  public static var problem: String? {
    guard let wanted = getenv(variable).map({ String(cString: $0) }) else { return nil }
    return attune_level_problem(wanted).map {
      "\(variable) is '\(wanted)', \(String(cString: $0))."
    }
  }
}
