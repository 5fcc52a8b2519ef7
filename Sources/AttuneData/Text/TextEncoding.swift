// SPDX-License-Identifier: Apache-2.0

/// How the characters of a text file are written as bytes.
public enum TextEncoding: String, Sendable, CaseIterable {
  /// UTF-8, the default.
  case utf8
  /// ISO 8859-1: each byte is the character of its number.
  case latin1
  /// The code page of Western Windows, with typographic quotes and the euro sign.
  case windows1252
  /// UTF-16; a byte order mark says which byte comes first, without one the place of the zeros.
  case utf16

  /// The names, for messages.
  static let names = allCases.map(\.rawValue).joined(separator: "|")

  /// Bytes 0x80 to 0x9F of Windows-1252 (Unicode's CP1252.TXT); five of them are not assigned.
  static let windows1252Upper: [UInt16?] = [
    0x20AC, nil, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, nil, 0x017D, nil, nil, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC,
    0x2122, 0x0161, 0x203A, 0x0153, nil, 0x017E, 0x0178,
  ]
}
