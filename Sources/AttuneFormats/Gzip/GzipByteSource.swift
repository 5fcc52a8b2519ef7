// SPDX-License-Identifier: Apache-2.0

/// The unpacked bytes of a gzip source (RFC 1952), member after member, every checksum compared.
///
/// Zeros after the last member are padding; anything else there is refused.
public final class GzipByteSource: ByteSource {
  /// The name of the packed source.
  public let name: String
  private var inflater: Inflater
  private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
  private var checksum = CRC32()
  private var length: UInt32 = 0
  private var state = State.beforeMember(isFirst: true)

  private enum State { case beforeMember(isFirst: Bool), inMember, atEnd }

  /// Makes a source that unpacks another one.
  public init(_ packed: any ByteSource) {
    name = packed.name
    inflater = Inflater(packed)
  }

  /// Returns whether the first three bytes are those of gzip with deflate.
  public static func isGzip(_ head: some Sequence<UInt8>) -> Bool {
    head.starts(with: [0x1F, 0x8B, 0x08])
  }

  /// Reads the next unpacked bytes.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while piece.isEmpty {
      if case .atEnd = state { return 0 }
      do {
        try advance()
      } catch Inflater.Failure.truncated {
        throw error(.truncated)
      } catch Inflater.Failure.bad(let detail) {
        throw error(.badData(detail))
      }
    }
    let count = min(buffer.count, piece.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
    piece = UnsafeRawBufferPointer(rebasing: piece[count...])
    return count
  }

  func error(_ problem: GzipError.Problem) -> GzipError {
    GzipError(source: name, problem: problem, offset: inflater.reader.offset)
  }

  private func advance() throws {
    switch state {
    case .beforeMember(let isFirst): try startMember(isFirst: isFirst)
    case .inMember:
      piece = try inflater.next()
      checksum.update(piece)
      length &+= UInt32(truncatingIfNeeded: piece.count)
      if piece.isEmpty { try endMember() }
    case .atEnd: break
    }
  }

  private func startMember(isFirst: Bool) throws {
    var first = try inflater.reader.byte()
    while !isFirst, first == 0 { first = try inflater.reader.byte() }
    guard let first else {
      if isFirst { throw error(.truncated) }
      state = .atEnd
      return
    }
    var header = CRC32()
    header.update(first)
    let rest = try bytes(9, &header)
    guard first == 0x1F, rest[0] == 0x8B else {
      throw error(isFirst ? .badHeader("not gzip") : .trailingGarbage)
    }
    guard rest[1] == 8 else { throw error(.badHeader("method \(rest[1])")) }
    let flags = rest[2]
    guard flags & 0xE0 == 0 else { throw error(.badHeader("reserved flags")) }
    if flags & 4 != 0 {
      let size = try bytes(2, &header)
      _ = try bytes(Int(size[0]) | Int(size[1]) << 8, &header)
    }
    if flags & 8 != 0 { try skipText(&header) }
    if flags & 16 != 0 { try skipText(&header) }
    if flags & 2 != 0 {
      let expected = UInt16(truncatingIfNeeded: header.value)
      let stored = try bytes(2, &header)
      guard UInt16(stored[0]) | UInt16(stored[1]) << 8 == expected else {
        throw error(.badHeader("checksum"))
      }
    }
    inflater.restart()
    (checksum, length, state) = (CRC32(), 0, .inMember)
  }

  private func endMember() throws {
    var ignored = CRC32()
    let trailer = try bytes(8, &ignored)
    func word(_ start: Int) -> UInt32 {
      trailer[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard word(0) == checksum.value else { throw error(.checksum) }
    guard word(4) == length else { throw error(.length) }
    state = .beforeMember(isFirst: false)
  }

  private func bytes(_ count: Int, _ checksum: inout CRC32) throws -> [UInt8] {
    var result: [UInt8] = []
    while result.count < count {
      guard let byte = try inflater.reader.byte() else { throw error(.truncated) }
      checksum.update(byte)
      result.append(byte)
    }
    return result
  }

  private func skipText(_ checksum: inout CRC32) throws {
    while try bytes(1, &checksum)[0] != 0 {}
  }
}
