// SPDX-License-Identifier: Apache-2.0

/// The number that scores are divided by before the softmax, so that probabilities mean what they say.
///
/// It leaves the order of the scores alone, and so the labels. Fitted on texts that the model did not learn from, by the
/// least cross-entropy (Guo, Pleiss, Sun and Weinberger 2017, section 4.2).
public struct TemperatureScaling: Sendable, Hashable {
  /// Above 1: the model was too sure of itself.
  public let temperature: Double
  /// Mean of -log(probability of what is true) over the cases, with temperature 1 and with the fitted one.
  public let crossEntropy: BeforeAndAfter
  /// The expected calibration error in 15 bins.
  public let calibrationError: BeforeAndAfter
  /// Cases it was fitted on.
  public let caseCount: Int

  /// A measure with temperature 1 and with the fitted one.
  public struct BeforeAndAfter: Sendable, Hashable {
    /// With temperature 1.
    public let before: Double
    /// With the fitted temperature.
    public let after: Double
  }

  /// Temperatures stay between these, whatever the cases say.
  static let range = 0.01...100.0

  /// Fits the temperature; where the cases do not tell one, since there are none or all are right, it is 1.
  public init(fitting cases: [CalibrationCase]) {
    let fitted = 1 / Self.inverseTemperature(fitting: cases)
    (temperature, caseCount) = (fitted, cases.count)
    func error(_ temperature: Double) -> Double {
      Reliability(of: cases, temperature: temperature).expectedCalibrationError
    }
    crossEntropy = BeforeAndAfter(
      before: cases.meanCrossEntropy(temperature: 1),
      after: cases.meanCrossEntropy(temperature: fitted))
    calibrationError = BeforeAndAfter(before: error(1), after: error(fitted))
  }

  /// The cross-entropy is convex in the inverse of the temperature: Newton's steps, kept inside a bracket of the root of its slope.
  private static func inverseTemperature(fitting cases: [CalibrationCase]) -> Double {
    func derivatives(_ inverse: Double) -> (slope: Double, curvature: Double) {
      cases.reduce((0, 0)) { sums, element in
        let outcome = element.outcome(inverseTemperature: inverse)
        return (sums.0 + outcome.slope, sums.1 + outcome.curvature)
      }
    }
    var (low, high) = (1 / range.upperBound, 1 / range.lowerBound)
    // The surer the better, without end: nothing was wrong, so nothing says how sure to be.
    if derivatives(high).slope <= 0 { return 1 }
    if derivatives(low).slope >= 0 { return low }
    var inverse = 1.0
    for _ in 0..<100 {
      let (slope, curvature) = derivatives(inverse)
      if slope > 0 { high = inverse } else { low = inverse }
      var next = inverse - slope / curvature
      if !(low < next && next < high) { next = (low * high).squareRoot() }
      if abs(next - inverse) <= 1e-12 * inverse { return next }
      inverse = next
    }
    return inverse
  }
}
