// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneSystem

/// A result that is printed whole.
protocol ResultDocument {
  /// As programs read it.
  var json: JSONValue { get }
  /// As people read it.
  var text: String { get }
}

/// Where results go: standard output, a device, or a file that appears complete or not at all.
final class ResultOutput {
  private enum Destination {
    case descriptor(Int32, name: String)
    case file(AtomicFile)
  }

  private static let bufferSize = 1 << 16
  private let destination: Destination
  private var buffer: [UInt8] = []

  /// The standard output of the process.
  init() { destination = .descriptor(1, name: "standard output") }

  /// Starts a file; `-` is standard output. What exists is replaced only when asked.
  init(path: String, overwrites: Bool) throws(FileError) {
    if path == "-" {
      destination = .descriptor(1, name: "standard output")
    } else if FileSystem.isStream(path) {
      // A rename would put a file in the place of the device.
      let number = open(path, O_WRONLY | O_CLOEXEC)
      guard number >= 0 else { throw FileError(.create, path, errorNumber: errno) }
      destination = .descriptor(number, name: path)
    } else {
      destination = .file(try AtomicFile(path, existing: overwrites ? .replace : .refuse))
    }
  }

  /// Whether the results reach nobody before `finish()`.
  var isFile: Bool { if case .file = destination { true } else { false } }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(FileError) {
    buffer += bytes
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends text.
  func write(_ text: String) throws(FileError) { try write(Array(text.utf8)) }

  /// Appends a JSON value as a line, or laid out for people.
  func write(_ value: JSONValue, _ layout: JSONValue.Layout = .compact) throws {
    try write(value.serialized(layout) + [0x0A])
  }

  /// Hands over what was written so far.
  func flush() throws(FileError) {
    switch destination {
    case .descriptor(let number, let name): try Self.write(buffer, to: number, name: name)
    case .file(let file): try file.write(buffer)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Ends the output; a file gets its name.
  func finish() throws(FileError) {
    try flush()
    if case .file(let file) = destination { try file.commit() }
  }

  /// Writes lines and ends the output.
  func finish(_ lines: [String]) throws(FileError) {
    for line in lines { try write(line + "\n") }
    try finish()
  }

  /// Writes a result for people, or as one JSON document, and ends the output.
  func finish(_ result: some ResultDocument, asJSON isJSON: Bool) throws {
    if isJSON { try write(result.json, .pretty) } else { try write(result.text) }
    try finish()
  }

  private static func write(_ bytes: [UInt8], to number: Int32, name: String) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { systemWrite(number, $0, from: written) }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError(.write, name, errorNumber: errno)
      }
    }
  }
}

// Inside the class the name of the system is hidden by its own methods.
private func systemWrite(_ number: Int32, _ bytes: UnsafeRawBufferPointer, from first: Int) -> Int {
  guard let base = bytes.baseAddress else { return 0 }
  return write(number, base + first, bytes.count - first)
}
