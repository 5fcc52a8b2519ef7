// SPDX-License-Identifier: Apache-2.0

/// What decides where grapheme clusters end (Unicode Standard Annex 29).
enum ClusterClass: UInt8 {
  case other, control, carriageReturn, lineFeed, extending, linker, nonJoiner, joiner, spacing
  case prepended, flag, lead, vowel, tail, openSyllable, closedSyllable, pictographic, consonant

  /// Whether a cluster goes on with this whatever stands before, controls aside.
  var alwaysContinues: Bool {
    switch self {
    case .extending, .linker, .nonJoiner, .joiner, .spacing: true
    default: false
    }
  }

  var isControl: Bool { self == .control || self == .carriageReturn || self == .lineFeed }
}

/// The classes of all scalars, unpacked once.
struct ClusterData {
  static let shared = ClusterData()

  private let pages: ImmortalArray<UInt32>
  private let classes: ImmortalArray<UInt8>

  private init() {
    var flat = [UInt8](repeating: 0, count: UnicodeData.scalarCount)
    func mark(_ range: ClosedRange<Int>, _ kind: ClusterClass) {
      for scalar in range { flat[scalar] = kind.rawValue }
    }
    for (table, kind) in [
      (UnicodeTables.controlClusters, ClusterClass.control),
      (UnicodeTables.extendingClusters, .extending), (UnicodeTables.linkerClusters, .linker),
      (UnicodeTables.spacingClusters, .spacing), (UnicodeTables.prependedClusters, .prepended),
      (UnicodeTables.leadClusters, .lead), (UnicodeTables.vowelClusters, .vowel),
      (UnicodeTables.tailClusters, .tail), (UnicodeTables.pictographicClusters, .pictographic),
      (UnicodeTables.consonantClusters, .consonant),
    ] {
      UnicodeData.forEachRange(of: table) { range, _ in mark(range, kind) }
    }
    mark(0x0D...0x0D, .carriageReturn)
    mark(0x0A...0x0A, .lineFeed)
    mark(0x200C...0x200C, .nonJoiner)
    mark(0x200D...0x200D, .joiner)
    mark(0x1F1E6...0x1F1FF, .flag)
    mark(0xAC00...0xD7A3, .closedSyllable)
    for scalar in stride(from: 0xAC00, through: 0xD7A3, by: 28) {
      mark(scalar...scalar, .openSyllable)
    }
    let paged = UnicodeData.paged(flat)
    pages = ImmortalArray(paged.pages)
    classes = ImmortalArray(paged.values)
  }

  @inline(__always)
  func kind(of scalar: UInt32) -> ClusterClass {
    let page = pages[Int(scalar >> UnicodeData.pageBits)]
    return ClusterClass(rawValue: classes[Int(page + scalar & 0xFF)]) ?? .other
  }
}

/// Finds the ends of extended grapheme clusters.
struct ClusterBreaker {
  private enum Conjunct { case none, consonant, linked }
  private enum Pictograph { case none, base, joined }

  private var last: ClusterClass
  private var conjunct = Conjunct.none
  private var pictograph = Pictograph.none
  private var flagCount = 0

  private init(_ first: ClusterClass) {
    last = first
    note(first)
  }

  /// Returns where the cluster ends that begins at the position.
  static func end(
    in bytes: UnsafeBufferPointer<UInt8>, from position: Int, to limit: Int
  ) -> Int {
    let data = ClusterData.shared
    let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
    var breaker = ClusterBreaker(data.kind(of: scalar))
    var end = position + length
    while end < limit {
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: end)
      let kind = data.kind(of: scalar)
      guard breaker.goesOn(with: kind) else { break }
      breaker.last = kind
      breaker.note(kind)
      end += length
    }
    return end
  }

  private func goesOn(with next: ClusterClass) -> Bool {
    if last == .carriageReturn { return next == .lineFeed }
    if last.isControl || next.isControl { return false }
    if next.alwaysContinues || last == .prepended { return true }
    switch (last, next) {
    case (.lead, .lead), (.lead, .vowel), (.lead, .openSyllable), (.lead, .closedSyllable),
      (.openSyllable, .vowel), (.openSyllable, .tail), (.vowel, .vowel), (.vowel, .tail),
      (.closedSyllable, .tail), (.tail, .tail):
      return true
    case (.flag, .flag): return !flagCount.isMultiple(of: 2)
    case (_, .consonant): return conjunct == .linked
    case (.joiner, .pictographic): return pictograph == .joined
    default: return false
    }
  }

  private mutating func note(_ kind: ClusterClass) {
    flagCount = kind == .flag ? flagCount + 1 : 0
    switch kind {
    case .consonant: conjunct = .consonant
    case .linker: if conjunct == .consonant { conjunct = .linked }
    case .extending, .joiner: break
    default: conjunct = .none
    }
    switch kind {
    case .pictographic: pictograph = .base
    case .joiner: pictograph = pictograph == .base ? .joined : .none
    case .extending, .linker, .nonJoiner: if pictograph == .joined { pictograph = .none }
    default: pictograph = .none
    }
  }
}
