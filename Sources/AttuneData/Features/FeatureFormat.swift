// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// How a file of feature vectors is stored.
public enum FeatureFormat: String, Sendable, Hashable, CaseIterable {
  /// An array of numpy: of two axes, a vector an item, or of three, a sequence or map of vectors an item.
  case numpy = "npy"
  /// A row of numbers an item, with or without a header, in the columns `embedding_0` and so on if there are such.
  case delimited = "csv"
  /// A line of JSON an item: numbers in an array, or arrays of numbers, alone or under one of the usual keys.
  case jsonLines = "jsonl"

  /// The keys under which an object holds its vector; exactly one may be there.
  public static let keys = ["vector", "embedding", "features"]

  /// The format that the name of a file tells, with or without `.gz`.
  public init(path: String) throws(FeatureVectorsError) {
    switch TableFormat.suffix(of: path) {
    case "npy": self = .numpy
    case "csv", "tsv": self = .delimited
    case "jsonl", "ndjson": self = .jsonLines
    default: throw FeatureVectorsError(file: path, .unknownFormat)
    }
  }

  /// The format that the first bytes tell.
  init(of bytes: [UInt8]) {
    let first = bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
    switch first {
    case NumpyHeader.magic[0]: self = .numpy
    case UInt8(ascii: "["), UInt8(ascii: "{"): self = .jsonLines
    default: self = .delimited
    }
  }
}
