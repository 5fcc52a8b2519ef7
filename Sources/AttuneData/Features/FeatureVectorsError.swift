// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// What is wrong with feature vectors, and where; items are counted from 0 as rows.
public struct FeatureVectorsError: AttuneError, Equatable {
  /// Where a number stands: in an item, in a position of it, in a column of that; all from 0.
  public struct Place: Sendable, Equatable, CustomStringConvertible {
    /// The item.
    public let row: Int
    /// The position in a sequence or map; nil where items are single vectors.
    public let position: Int?
    /// The number in the vector.
    public let column: Int

    /// Makes a place.
    public init(row: Int, position: Int? = nil, column: Int) {
      (self.row, self.position, self.column) = (row, position, column)
    }

    /// The place in words.
    public var description: String {
      let position = position.map { "position \($0), " } ?? ""
      return "row \(row), \(position)column \(column), all counted from 0"
    }
  }

  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// Neither the name nor the user tells the format.
    case unknownFormat
    /// An array has neither two axes nor three.
    case axes(shape: [Int])
    /// There is no item.
    case noVectors
    /// An item has no numbers.
    case noNumbers(row: Int)
    /// A vector has another width than the first.
    case width(row: Int, expected: Int, found: Int)
    /// The vectors have another width than the model that is to read them.
    case dimension(expected: Int, found: Int)
    /// A number is infinite or none.
    case notFinite(Place, value: String)
    /// A number is larger than any that a model can read.
    case tooLarge(Place, value: String)
    /// A column of our own tables of vectors is not there, but later ones are.
    case noColumn(String)
    /// Something that is no number stands in a vector.
    case notANumber(Place, found: String)
    /// A line holds neither an array nor an object with a vector.
    case noVector(row: Int, found: String)
    /// An object holds several vectors.
    case severalVectors(row: Int, keys: [String])
    /// There are more numbers than are kept in memory.
    case tooMany(limit: Int)
  }

  /// The file.
  public let file: String
  /// The line, from 1, where there are lines.
  public let line: Int?
  /// What is wrong.
  public let problem: Problem

  /// Makes an error of a file.
  public init(file: String, line: Int? = nil, _ problem: Problem) {
    (self.file, self.line, self.problem) = (file, line, problem)
  }

  /// The input is malformed, or its format was not told.
  public var exitCode: ExitStatus { problem == .unknownFormat ? .usage : .data }

  /// The message for the user.
  public var description: String {
    let place = [file, line.map(String.init)].compactMap { $0 }.joined(separator: ":")
    return "\(place): \(explanation)"
  }

  private var explanation: String {
    switch problem {
    case .unknownFormat:
      return "the name does not tell how the vectors are stored. Expected .npy, .csv, .tsv or "
        + ".jsonl, with or without .gz, or the format given as npy, csv or jsonl."
    case .axes(let shape):
      return "the array has the shape \(shape), expected two axes (vectors, numbers) or three "
        + "(items, positions, numbers)."
    case .noVectors: return "there are no vectors."
    case .noNumbers(let row): return "row \(row), counted from 0, has no numbers."
    case .width(let row, let expected, let found):
      return "row \(row), counted from 0, has a vector of \(found) numbers, expected \(expected) "
        + "as in the first."
    case .dimension(let expected, let found):
      return "the vectors have \(found) numbers, the model reads vectors of \(expected). Make them "
        + "as those were made that the model was trained on."
    case .notFinite(let place, let value):
      return "\(place): found \(value), expected finite numbers."
    case .tooLarge(let place, let value):
      return "\(place): found \(value), expected numbers from -\(FeatureVectors.largest) to "
        + "\(FeatureVectors.largest). Is the file of another type of number, or damaged?"
    case .noColumn(let name):
      return
        "there is no column '\(name)', but later ones are. Expected all columns of the vectors."
    case .notANumber(let place, let found): return "\(place): found \(found), expected a number."
    case .noVector(let row, let found):
      return "row \(row), counted from 0: found \(found), expected an array of numbers, or an "
        + "object with one under '\(FeatureFormat.keys.joined(separator: "', '"))'."
    case .severalVectors(let row, let keys):
      return "row \(row), counted from 0, has a vector under each of "
        + "'\(keys.joined(separator: "' and '"))', expected one."
    case .tooMany(let limit):
      return
        "there are more than \(limit) numbers. Save them as .npy, which is read piece by piece."
    }
  }
}
