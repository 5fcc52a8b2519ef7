// SPDX-License-Identifier: Apache-2.0

/// One line that tells how far the work is.
///
/// On a terminal it is rewritten in place; elsewhere lines come now and then, and only when asked for.
final class TerminalProgress {
  private enum Style { case inPlace, lines, none }

  private static let delay = Duration.seconds(2)
  private let style: Style
  private let period: Duration
  private let start = ContinuousClock.now
  private var nextTime: ContinuousClock.Instant
  private var isShown = false

  init(_ diagnostics: Diagnostics) {
    let isTerminal = StandardError.isTerminal
    style =
      diagnostics.isQuiet ? .none : isTerminal ? .inPlace : diagnostics.isVerbose ? .lines : .none
    period = isTerminal ? .milliseconds(200) : .seconds(10)
    // Short work needs no progress.
    nextTime = start + Self.delay
  }

  /// Seconds since the work began.
  var seconds: Double { start.duration(to: .now) / .seconds(1) }

  /// Shows a line when the last one is old enough.
  func update(_ line: @autoclosure () -> String) {
    guard style != .none, ContinuousClock.now >= nextTime else { return }
    nextTime = .now + period
    if style == .lines { return StandardError.write("\(line())\n") }
    StandardError.write("\r\u{1B}[K\(line())")
    isShown = true
  }

  /// Shows how many of something are done; `share` is the part of all work, where it is known.
  func update(_ done: Int, _ unit: String, share: Double? = nil) {
    update(Self.line(done, unit, share: share, seconds: seconds))
  }

  /// Makes room for other lines.
  func clear() {
    if isShown { StandardError.write("\r\u{1B}[K") }
    isShown = false
  }

  deinit { clear() }

  /// Returns "12,000 texts, 850 texts/s, 40 %, 0:21 left".
  static func line(_ done: Int, _ unit: String, share: Double?, seconds: Double) -> String {
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts = ["\(done.grouped) \(unit)", "\(rate.decimal(rate < 10 ? 1 : 0)) \(unit)/s"]
    if let share, share > 0 {
      parts.append("\((100 * share).decimal(0)) %")
      parts.append("\(duration(seconds * (1 - share) / share)) left")
    }
    return parts.joined(separator: ", ")
  }

  /// Returns minutes and seconds, and hours when there are any: "1:02:03".
  static func duration(_ seconds: Double) -> String {
    let total = Int(min(max(seconds, 0), 1e9).rounded())
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (total / 3600, total / 60 % 60)
    return hours > 0
      ? "\(hours):\(padded(minutes)):\(padded(total % 60))" : "\(minutes):\(padded(total % 60))"
  }
}
