// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A word and its vector.
public struct WordVector: Sendable, Equatable {
  /// The word; in some files it holds spaces.
  public let word: String
  /// The numbers, as many as every word of the file has.
  public let vector: [Float]
}

/// Words with their vectors as GloVe and the text format of word2vec and fastText have them: one word a line, then its numbers,
/// with spaces or tabulators between. A first line with the counts of words and numbers may stand in front.
///
/// Words come one by one, gzip or not, in constant memory but for 8 bytes a word that tell repeated ones.
public final class WordVectorReader {
  /// A vector may have this many numbers.
  public static let dimensionLimit = 1 << 14

  private let lines: LinesReader
  /// Numbers of each vector.
  public let dimension: Int
  /// Words that the first line tells; nil: it tells none.
  private let announcedCount: Int?
  /// The first line, when a word stands on it.
  private var pending: [UInt8]?
  private var seen: Set<Int> = []
  /// Words that came so far.
  public private(set) var wordCount = 0
  /// How many of them had come before; they are left out.
  public private(set) var repeatedCount = 0

  /// Opens a file; `-` is standard input.
  public convenience init(path: String) throws {
    try self.init(LinesReader(path: path))
  }

  /// Reads the words of lines.
  public init(_ lines: LinesReader) throws {
    self.lines = lines
    guard let first = try lines.nextBytes() else {
      throw WordVectorError(file: lines.name, line: 1, .empty)
    }
    let fields = Self.fields(of: first)
    if fields.count == 2, let count = Self.count(first[fields[0]]),
      let dimension = Self.count(first[fields[1]])
    {
      (announcedCount, self.dimension) = (count, dimension)
    } else {
      (announcedCount, dimension) = (nil, max(fields.count - 1, 0))
      pending = first
    }
    guard 1...Self.dimensionLimit ~= dimension else {
      throw WordVectorError(file: lines.name, line: 1, .dimension(dimension))
    }
  }

  /// The file, for messages.
  public var name: String { lines.name }

  /// Returns the next word that did not come before, or nil at the end.
  public func next() throws -> WordVector? {
    while true {
      guard let line = try pending ?? lines.nextBytes() else {
        if let announcedCount, wordCount < announcedCount {
          throw WordVectorError(
            file: name, line: nil, .cut(announced: announcedCount, found: wordCount))
        }
        return nil
      }
      pending = nil
      let word = try word(on: line)
      wordCount += 1
      if seen.insert(word.word.utf8.fingerprint).inserted { return word }
      repeatedCount += 1
    }
  }

  private func word(on line: [UInt8]) throws(WordVectorError) -> WordVector {
    let fields = Self.fields(of: line)
    guard fields.count > dimension else {
      throw WordVectorError(
        file: name, line: lines.lineNumber,
        .numbers(expected: dimension, found: max(fields.count - 1, 0)))
    }
    var vector: [Float] = []
    vector.reserveCapacity(dimension)
    for field in fields.suffix(dimension) {
      guard let number = DecimalNumber.value(of: line[field]) else {
        throw WordVectorError(
          file: name, line: lines.lineNumber,
          .noNumber(String(decoding: line[field].prefix(40), as: UTF8.self)))
      }
      vector.append(number)
    }
    let word = line[fields[0].lowerBound..<fields[fields.count - dimension - 1].upperBound]
    return WordVector(word: String(decoding: word, as: UTF8.self), vector: vector)
  }

  /// The places of what stands between spaces and tabulators; no-break spaces and the like belong to words.
  private static func fields(of line: [UInt8]) -> [Range<Int>] {
    var (fields, start): ([Range<Int>], Int?) = ([], nil)
    for (place, byte) in line.enumerated() {
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
        if let start { fields.append(start..<place) }
        start = nil
      } else if start == nil {
        start = place
      }
    }
    if let start { fields.append(start..<line.count) }
    return fields
  }

  private static func count(_ field: ArraySlice<UInt8>) -> Int? {
    guard field.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return nil }
    return Int(String(decoding: field, as: UTF8.self))
  }
}

extension String.UTF8View {
  /// What tells words apart, to the luck of one in 10^19.
  fileprivate var fingerprint: Int {
    var hasher = Hasher()
    for byte in self { hasher.combine(byte) }
    return hasher.finalize()
  }
}

/// What is wrong in a file of word vectors, and where.
public struct WordVectorError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// There is not even a line.
    case empty
    /// The first line is that of no such file.
    case dimension(Int)
    /// A word has fewer numbers than the first.
    case numbers(expected: Int, found: Int)
    /// Something is no finite number.
    case noNumber(String)
    /// There are fewer words than the first line says.
    case cut(announced: Int, found: Int)
  }

  /// The file.
  public let file: String
  /// The line, from 1, where the place is known.
  public let line: Int?
  /// What is wrong.
  public let problem: Problem

  init(file: String, line: Int?, _ problem: Problem) {
    (self.file, self.line, self.problem) = (file, line, problem)
  }

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(explanation)"
  }

  private var explanation: String {
    switch problem {
    case .empty: "the file is empty, expected a word and its vector on each line."
    case .dimension(let count):
      "found \(count) numbers, expected a word and the 1 to \(WordVectorReader.dimensionLimit) "
        + "numbers of its vector, as in the text files of GloVe and word2vec."
    case .numbers(let expected, let found):
      "found \(found) numbers behind the word, expected \(expected) as on the first line. "
        + "Is the file cut, or a binary one?"
    case .noNumber(let text): "found '\(text)', expected a finite number."
    case .cut(let announced, let found):
      "found \(found) words, but the first line announces \(announced). Is the file cut?"
    }
  }
}
