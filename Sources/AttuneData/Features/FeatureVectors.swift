// SPDX-License-Identifier: Apache-2.0

/// Items described by numbers: one vector each, or a sequence of vectors (the cells of a feature map, for one).
///
/// ```swift
/// let vectors = try FeatureVectors(path: "train.npy")
/// let first = try vectors.batch(0..<min(64, vectors.count))
/// ```
/// All numbers are finite and at most `largest` in size: that is checked when a file is opened. Large arrays of numpy stay on
/// disk and are read as they are asked for; everything else lies in memory.
public struct FeatureVectors: Sendable {
  enum Storage: Sendable {
    case memory([Float])
    case file(NumpyArrayReader)
  }

  /// How many positions the items have.
  enum Positions: Sendable {
    case equal(Int)
    /// The first position of each item, and the number of all at the end.
    case ragged(offsets: [Int])
  }

  /// No number is larger in size: sums of squares of larger ones do not fit a Float32, and what a model makes of them says
  /// nothing.
  public static let largest: Float = 1e15

  /// The file, for messages.
  public let name: String
  /// How many items there are.
  public let count: Int
  /// Numbers of a vector.
  public let dimension: Int
  private let positions: Positions
  private let storage: Storage

  init(name: String, count: Int, dimension: Int, _ positions: Positions, _ storage: Storage) {
    (self.name, self.count, self.dimension) = (name, count, dimension)
    (self.positions, self.storage) = (positions, storage)
  }

  /// Takes vectors that lie end to end.
  ///
  /// - Parameter positionCounts: Vectors of each item; nil: one.
  /// - Throws: For the first number that is not finite or too large, and where an item or everything is empty.
  public init(
    _ values: [Float], dimension: Int, positionCounts: [Int]? = nil, name: String = "memory"
  ) throws(FeatureVectorsError) {
    precondition(
      dimension > 0 && values.count.isMultiple(of: dimension),
      "\(values.count) numbers are no vectors of \(dimension)")
    let total = values.count / dimension
    var positions = Positions.equal(1)
    if let counts = positionCounts {
      let offsets = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      precondition(offsets.last == total, "\(counts.reduce(0, +)) positions of \(total) vectors")
      if let row = counts.firstIndex(of: 0) {
        throw FeatureVectorsError(file: name, .noNumbers(row: row))
      }
      let isEqual = counts.allSatisfy { $0 == counts[0] }
      positions = isEqual && total > 0 ? .equal(counts[0]) : .ragged(offsets: offsets)
    }
    guard total > 0 else { throw FeatureVectorsError(file: name, .noVectors) }
    self.init(
      name: name, count: positionCounts?.count ?? total, dimension: dimension, positions,
      .memory(values))
    if let index = values.firstIndex(where: { !Self.isPlausible($0) }) {
      throw implausible(values[index], at: index)
    }
  }

  static func isPlausible(_ value: Float) -> Bool { abs(value) <= largest }

  /// Vectors of every item, 1 where items are single vectors; nil: not the same for all.
  public var positionCount: Int? {
    if case .equal(let count) = positions { count } else { nil }
  }

  /// Vectors of an item.
  public func positionCount(of item: Int) -> Int {
    switch positions {
    case .equal(let count): count
    case .ragged(let offsets): offsets[item + 1] - offsets[item]
    }
  }

  /// The numbers of an item, vector by vector.
  public func values(of item: Int) throws -> [Float] { try batch([item]).values }

  /// Some items, in the order they are asked for.
  ///
  /// - Throws: When a file that stayed on disk cannot be read any more.
  public func batch(_ items: some Collection<Int>) throws -> FeatureBatch {
    var values: [Float] = []
    let counts = items.map { positionCount(of: $0) }
    values.reserveCapacity(counts.reduce(0, +) * dimension)
    for item in items {
      precondition(item >= 0 && item < count, "item \(item) of \(count)")
      switch storage {
      case .memory(let all): values += all[numbers(of: item)]
      case .file(let reader): values += try reader.rows(item..<item + 1)
      }
    }
    return FeatureBatch(values: values, positionCounts: counts, dimension: dimension)
  }

  /// Throws unless the vectors have so many numbers.
  public func requireDimension(_ expected: Int) throws(FeatureVectorsError) {
    guard dimension == expected else {
      throw FeatureVectorsError(file: name, .dimension(expected: expected, found: dimension))
    }
  }

  private func numbers(of item: Int) -> Range<Int> {
    switch positions {
    case .equal(let count): item * count * dimension..<(item + 1) * count * dimension
    case .ragged(let offsets): offsets[item] * dimension..<offsets[item + 1] * dimension
    }
  }

  /// The error for a number that is not finite or too large, at its place among all.
  func implausible(_ value: Float, at index: Int) -> FeatureVectorsError {
    let vector = index / dimension
    let place: FeatureVectorsError.Place
    switch positions {
    case .equal(1): place = .init(row: vector, column: index % dimension)
    case .equal(let count):
      place = .init(row: vector / count, position: vector % count, column: index % dimension)
    case .ragged(let offsets):
      let row = offsets.partitioningIndex { $0 > vector } - 1
      place = .init(row: row, position: vector - offsets[row], column: index % dimension)
    }
    return FeatureVectorsError(
      file: name,
      value.isFinite
        ? .tooLarge(place, value: "\(value)")
        : .notFinite(place, value: value.isNaN ? "nan" : "\(value)"))
  }
}

/// The vectors of some items, end to end.
public struct FeatureBatch: Sendable, Equatable {
  /// The numbers, vector by vector.
  public let values: [Float]
  /// Vectors of each item.
  public let positionCounts: [Int]
  /// Numbers of a vector.
  public let dimension: Int

  /// Makes a batch.
  public init(values: [Float], positionCounts: [Int], dimension: Int) {
    precondition(
      values.count == positionCounts.reduce(0, +) * dimension,
      "\(values.count) numbers for \(positionCounts.reduce(0, +)) vectors of \(dimension)")
    (self.values, self.positionCounts, self.dimension) = (values, positionCounts, dimension)
  }
}

extension [Int] {
  /// The first index whose element meets a condition that all later ones meet, too.
  fileprivate func partitioningIndex(where meets: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if meets(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
