// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import Testing

@Suite("Work on the pool")
struct ParallelTests {
  private struct Failure: Error, Equatable { let number: Int }

  @Test("Two bodies give both results, or the first one's error")
  func both() throws {
    let (text, number) = try Parallel.both {
      "one"
    } _: {
      2
    }
    #expect(text == "one" && number == 2)
    func failing(_ number: Int) throws -> Int { throw Failure(number: number) }
    #expect(throws: Failure(number: 1)) {
      _ = try Parallel.both {
        try failing(1)
      } _: {
        try failing(2)
      }
    }
    #expect(throws: Failure(number: 2)) {
      _ = try Parallel.both {
        1
      } _: {
        try failing(2)
      }
    }
  }
}
