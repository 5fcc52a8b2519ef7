// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  /// The examples of FIPS 180-4 (NIST's example values) and its short-message vectors.
  static let vectors: [(String, String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        + "lmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test("The standard's examples", arguments: vectors)
  func examples(message: String, digest: String) throws {
    #expect(SHA256.hash(Array(message.utf8)).description == digest)
    let folder = try TemporaryFolder()
    let path = try folder.write(message, to: "message")
    #expect(try SHA256.hash(file: path).description == digest)
  }

  @Test("Pieces of any size give the hash of the whole")
  func pieces() {
    let message = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for length in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1_000] {
      let whole = SHA256.hash(Array(message.prefix(length)))
      for size in [1, 3, 64, 100] {
        var hash = SHA256()
        for start in stride(from: 0, to: length, by: size) {
          hash.update(Array(message[start..<min(length, start + size)]))
        }
        #expect(hash.finalize() == whole)
      }
    }
  }
}
