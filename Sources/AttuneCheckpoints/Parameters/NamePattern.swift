// SPDX-License-Identifier: Apache-2.0

/// A parameter name with placeholders: `{i}` and `{j}` stand for digits, `{p...}` for anything, any
/// other for text without a dot.
struct NamePattern: Sendable {
  private enum Kind: Sendable { case digits, component, anything }

  private enum Piece: Sendable {
    case literal([UInt8])
    case placeholder(String, Kind)
  }

  /// What the placeholders stand for in one name.
  typealias Bindings = [String: [UInt8]]

  /// A name this long is nobody's parameter; matching stays cheap whatever a file says.
  private static let longestName = 1_024

  let text: String
  private let pieces: [Piece]

  init(_ text: String) {
    self.text = text
    var pieces: [Piece] = []
    var rest = text.utf8[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      guard let close = rest[open...].firstIndex(of: UInt8(ascii: "}")) else {
        preconditionFailure("name pattern '\(text)': '{' without '}'")
      }
      if open > rest.startIndex { pieces.append(.literal(Array(rest[..<open]))) }
      let inner = String(decoding: rest[rest.index(after: open)..<close], as: UTF8.self)
      switch inner {
      case "i", "j": pieces.append(.placeholder(inner, .digits))
      case let name where name.hasSuffix("..."): pieces.append(.placeholder(name, .anything))
      default: pieces.append(.placeholder(inner, .component))
      }
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.literal(Array(rest))) }
    self.pieces = pieces
  }

  /// The placeholders.
  var placeholders: Set<String> {
    Set(pieces.compactMap { if case .placeholder(let name, _) = $0 { name } else { nil } })
  }

  /// Returns what the placeholders stand for in the name, or nil if it does not match.
  func bindings(in name: String) -> Bindings? {
    let bytes = Array(name.utf8)
    guard bytes.count <= Self.longestName else { return nil }
    return Self.match(pieces[...], bytes[...], [:])
  }

  /// Returns the name in which the placeholders stand for `bindings`.
  func filled(with bindings: Bindings) -> String {
    let bytes = pieces.flatMap { piece in
      switch piece {
      case .literal(let bytes): bytes
      case .placeholder(let name, _): bindings[name] ?? []
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func match(
    _ pieces: ArraySlice<Piece>, _ bytes: ArraySlice<UInt8>, _ bindings: Bindings
  ) -> Bindings? {
    switch pieces.first {
    case nil: return bytes.isEmpty ? bindings : nil
    case .literal(let literal)?:
      guard bytes.starts(with: literal) else { return nil }
      return match(pieces.dropFirst(), bytes.dropFirst(literal.count), bindings)
    case .placeholder(let name, let kind)?:
      let longest = bytes.prefix { allows($0, kind) }.count
      for length in stride(from: longest, to: 0, by: -1) {
        let bound = Array(bytes.prefix(length))
        guard bindings[name] == nil || bindings[name] == bound else { continue }
        let extended = bindings.merging([name: bound]) { $1 }
        if let all = match(pieces.dropFirst(), bytes.dropFirst(length), extended) { return all }
      }
      return nil
    }
  }

  private static func allows(_ byte: UInt8, _ kind: Kind) -> Bool {
    switch kind {
    case .digits: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    case .component: byte != UInt8(ascii: ".")
    case .anything: true
    }
  }
}
