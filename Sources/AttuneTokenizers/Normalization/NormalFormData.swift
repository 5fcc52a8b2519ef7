// SPDX-License-Identifier: Apache-2.0

/// What normal forms ask beyond `UnicodeData`, unpacked once.
struct NormalFormData {
  static let shared = NormalFormData()

  /// Scalars with a compatibility decomposition, in order, and where their parts are.
  private let decomposing: ImmortalArray<UInt32>
  private let partStarts: ImmortalArray<Int>
  private let parts: ImmortalArray<UInt32>
  /// Pairs of scalars that compose, in order, the first in the high half and the second in the low; and what they compose to.
  private let pairs: ImmortalArray<UInt64>
  private let composites: ImmortalArray<UInt32>
  private let marks: ImmortalArray<MarkRange>

  private struct MarkRange: BitwiseCopyable {
    let first: UInt32
    let last: UInt32
  }

  private init() {
    let mapping = UnicodeData.mapping(of: UnicodeTables.compatibility)
    decomposing = ImmortalArray(mapping.keys)
    partStarts = ImmortalArray(mapping.starts)
    parts = ImmortalArray(mapping.values)
    var ranges: [MarkRange] = []
    UnicodeData.forEachRange(of: UnicodeTables.marks) { range, _ in
      ranges.append(MarkRange(first: UInt32(range.lowerBound), last: UInt32(range.upperBound)))
    }
    marks = ImmortalArray(ranges)
    var excluded = Set<UInt32>()
    UnicodeData.forEachRange(of: UnicodeTables.compositionExclusions) { range, _ in
      excluded.formUnion(range.lazy.map(UInt32.init))
    }
    let found = Self.composites(excluding: excluded).sorted { $0.key < $1.key }
    pairs = ImmortalArray(found.map(\.key))
    composites = ImmortalArray(found.map(\.value))
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
    let index = marks.firstIndexOfTail { $0.last >= scalar }
    return index < marks.count && marks[index].first <= scalar
  }

  /// Calls `body` with each scalar of the full compatibility decomposition.
  @inline(__always)
  func forEachCompatiblePart(of scalar: UInt32, _ body: (UInt32) -> Void) {
    let index = decomposing.firstIndexOfTail { $0 >= scalar }
    guard index < decomposing.count, decomposing[index] == scalar else {
      return UnicodeData.shared.forEachPart(of: scalar, body)
    }
    for place in partStarts[index]..<partStarts[index + 1] { body(parts[place]) }
  }

  /// Returns what the two compose to, or nil.
  func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if 0x1100..<0x1113 ~= first, 0x1161..<0x1176 ~= second {
      return 0xAC00 + (first - 0x1100) * 588 + (second - 0x1161) * 28
    }
    if 0xAC00...0xD7A3 ~= first, (first - 0xAC00) % 28 == 0, 0x11A8..<0x11C3 ~= second {
      return first + second - 0x11A7
    }
    let pair = UInt64(first) << 32 | UInt64(second)
    let index = pairs.firstIndexOfTail { $0 >= pair }
    return index < pairs.count && pairs[index] == pair ? composites[index] : nil
  }
}
