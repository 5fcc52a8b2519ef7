// SPDX-License-Identifier: Apache-2.0

/// What normal forms ask beyond `UnicodeData`, unpacked once.
final class NormalFormData: Sendable {
  static let shared = NormalFormData()

  /// Scalars with a compatibility decomposition, in order, and where their parts are.
  private let decomposing: [UInt32]
  private let partStarts: [Int]
  private let parts: [UInt32]
  /// What two scalars compose to, by the first in the high half and the second in the low.
  private let composites: [UInt64: UInt32]
  private let marks: [ClosedRange<UInt32>]

  private init() {
    (decomposing, partStarts, parts) = UnicodeData.mapping(of: UnicodeTables.compatibility)
    var ranges: [ClosedRange<UInt32>] = []
    UnicodeData.forEachRange(of: UnicodeTables.marks) { range, _ in
      ranges.append(UInt32(range.lowerBound)...UInt32(range.upperBound))
    }
    marks = ranges
    var excluded = Set<UInt32>()
    UnicodeData.forEachRange(of: UnicodeTables.compositionExclusions) { range, _ in
      excluded.formUnion(range.lazy.map(UInt32.init))
    }
    composites = Self.composites(excluding: excluded)
  }

  /// Returns the pairs that compose: the parts of a scalar but the last are those of another scalar.
  private static func composites(excluding excluded: Set<UInt32>) -> [UInt64: UInt32] {
    let (scalars, starts, parts) = UnicodeData.mapping(of: UnicodeTables.decompositions)
    var whole: [[UInt32]: UInt32] = [:]
    for (index, scalar) in scalars.enumerated() where !excluded.contains(scalar) {
      whole[Array(parts[starts[index]..<starts[index + 1]])] = scalar
    }
    var pairs: [UInt64: UInt32] = [:]
    for (parts, scalar) in whole {
      let first = parts.count == 2 ? parts[0] : whole[Array(parts.dropLast())]
      if let first, let last = parts.last { pairs[UInt64(first) << 32 | UInt64(last)] = scalar }
    }
    return pairs
  }

  /// Whether the scalar is a mark of any kind.
  func isMark(_ scalar: UInt32) -> Bool {
    let index = marks.firstIndexOfTail { $0.upperBound >= scalar }
    return index < marks.count && marks[index].lowerBound <= scalar
  }

  /// Calls `body` with each scalar of the full compatibility decomposition.
  @inline(__always)
  func forEachCompatiblePart(of scalar: UInt32, _ body: (UInt32) -> Void) {
    let index = decomposing.firstIndexOfTail { $0 >= scalar }
    guard index < decomposing.count, decomposing[index] == scalar else {
      return UnicodeData.shared.forEachPart(of: scalar, body)
    }
    for part in parts[partStarts[index]..<partStarts[index + 1]] { body(part) }
  }

  /// Returns what the two compose to, or nil.
  func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
      return 0xAC00 + (first - 0x1100) * 588 + (second - 0x1161) * 28
    }
    if 0xAC00...0xD7A3 ~= first, (first - 0xAC00) % 28 == 0, 0x11A8..<0x11C3 ~= second {
      return first + second - 0x11A7
    }
    return composites[UInt64(first) << 32 | UInt64(second)]
  }
}
