// SPDX-License-Identifier: Apache-2.0

/// Why a file is not gzip, and where.
public struct GzipError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The file ends in the middle.
    case truncated
    /// What follows a member is neither another one nor padding.
    case trailingGarbage
    /// The header of a member is not one of RFC 1952.
    case badHeader(String)
    /// The packed data are not those of RFC 1951.
    case badData(String)
    /// What came out is not what went in.
    case checksum
    /// The length of what came out is not the one stated.
    case length
    /// More comes out than the reader allows.
    case tooLarge(limit: Int)
  }

  /// The file.
  public let source: String
  /// What is wrong.
  public let problem: Problem
  /// Packed bytes before the place, to a few bytes.
  public let offset: Int

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String { "\(source): gzip: \(explanation) (near byte \(offset))." }

  private var explanation: String {
    switch problem {
    case .truncated: "the file ends in the middle; was it copied completely?"
    case .trailingGarbage: "bytes follow the end that are not gzip"
    case .badHeader(let detail): "the header is malformed: \(detail)"
    case .badData(let detail): "the data are malformed: \(detail)"
    case .checksum: "the checksum does not fit; the file is damaged"
    case .length: "the length does not fit; the file is damaged"
    case .tooLarge(let limit): "it unpacks to more than \(limit) bytes; unpack it first (gunzip)"
    }
  }
}
