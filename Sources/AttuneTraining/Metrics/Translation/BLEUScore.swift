// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// A BLEU score and what it was computed from.
public struct BLEUScore: Sendable, Hashable {
  /// In 0...100.
  public let value: Double
  /// The precision of each order in percent.
  public let precisions: [Double]
  /// What translations shorter than the references cost, in 0...1.
  public let brevityPenalty: Double
  /// Words written.
  public let hypothesisLength: Int
  /// Words of the references of the nearest lengths.
  public let referenceLength: Int

  /// The parts as sacreBLEU prints them behind the score.
  public var details: String {
    let ratio = referenceLength > 0 ? Double(hypothesisLength) / Double(referenceLength) : 0
    let parts = precisions.map { $0.fixed(1) }.joined(separator: "/")
    return parts
      + " (BP = \(brevityPenalty.fixed(3)) ratio = \(ratio.fixed(3)) "
      + "hyp_len = \(hypothesisLength) ref_len = \(referenceLength))"
  }
}

extension BLEU {
  /// The settings in sacreBLEU's form, so that scores can be compared.
  ///
  /// - Parameter referenceCount: References of each segment; nil: not the same for all.
  public func signature(referenceCount: Int?) -> String {
    let smooth =
      switch smoothing {
      case .none: "none"
      case .floor(let floor): "floor[\(floor.fixed(2))]"
      case .addK(let added): "add-k[\(added.fixed(2))]"
      case .exponential: "exp"
      }
    return [
      ScoringSignature.references(referenceCount), ScoringSignature.letterCase(ignoresCase),
      "eff:\(usesEffectiveOrder ? "yes" : "no")", "tok:\(tokenization.rawValue)",
      "smooth:\(smooth)", ScoringSignature.version,
    ].joined(separator: "|")
  }

  /// The score with signature and parts, as sacreBLEU prints it.
  public func line(
    _ score: BLEUScore, referenceCount: Int?, digits: Int = 2
  ) -> String {
    "BLEU|\(signature(referenceCount: referenceCount)) = \(score.value.fixed(digits)) "
      + score.details
  }
}

/// What the signatures of scores share.
enum ScoringSignature {
  /// The release of sacreBLEU whose results are reproduced.
  static let version = "version:2.6.0"

  static func references(_ count: Int?) -> String { "nrefs:\(count.map { "\($0)" } ?? "var")" }
  static func letterCase(_ isIgnored: Bool) -> String { "case:\(isIgnored ? "lc" : "mixed")" }
}
