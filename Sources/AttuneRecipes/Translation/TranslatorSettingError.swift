// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A setting that no training of a translator can use.
public struct TranslatorSettingError: AttuneError, Equatable {
  /// The option.
  public let setting: String
  /// What was asked for.
  public let found: String
  /// What would do.
  public let expected: String

  /// The command line must say something else.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String { "\(setting): found \(found), expected \(expected)." }
}
