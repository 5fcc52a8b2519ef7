// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A setting that no training can use.
public struct SettingError: AttuneError, Equatable {
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

  /// Throws unless what was asked for can be used.
  static func require(
    _ holds: Bool, _ setting: String, _ found: Any?, _ expected: String
  ) throws(SettingError) {
    guard !holds else { return }
    throw SettingError(
      setting: setting, found: found.map { "\($0)" } ?? "nothing", expected: expected)
  }

  /// Throws for the first of the settings that is set and lies outside of its range.
  static func require(_ settings: [(String, Int?, ClosedRange<Int>)]) throws(SettingError) {
    for (name, value, range) in settings {
      try require(
        value.map { range.contains($0) } ?? true, name, value,
        "\(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Throws for the first rate of dropout or smoothing that is none.
  static func requireRates(_ settings: [(String, Float?)]) throws(SettingError) {
    for (name, rate) in settings {
      try require(rate.map { $0 >= 0 && $0 < 1 } ?? true, name, rate, "a rate from 0 to below 1")
    }
  }
}
