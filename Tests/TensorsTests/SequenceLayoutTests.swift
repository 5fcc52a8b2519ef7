// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import Testing

@Suite("Layouts of packed sequences")
struct SequenceLayoutTests {
  @Test("Offsets, lengths and rows agree")
  func offsets() {
    let layout = SequenceLayout(lengths: [3, 0, 2])
    #expect(layout.offsets == [0, 3, 3, 5])
    #expect((layout.count, layout.tokenCount, layout.longestLength) == (3, 5, 3))
    #expect(layout.lengths == [3, 0, 2])
    #expect(layout.rows(of: 2) == 3..<5)
    #expect(layout.sequenceOfRow == [0, 0, 0, 2, 2])
    let none = SequenceLayout(lengths: [])
    #expect((none.count, none.tokenCount, none.longestLength) == (0, 0, 0))
  }

  @Test("Time-major order: longer sequences first, each step a prefix of the one before")
  func timeMajor() {
    let layout = SequenceLayout(lengths: [1, 3, 0, 3])
    let time = TimeMajorLayout(layout)
    #expect(time.sequences == [1, 3, 0, 2])
    #expect(time.stepOffsets == [0, 3, 5, 7])
    #expect(time.packedRows == [1, 4, 0, 2, 5, 3, 6])
    #expect(time.timeMajorRows == [2, 0, 3, 5, 1, 4, 6])
    #expect(TimeMajorLayout(layout, isReversed: true).packedRows == [3, 6, 0, 2, 5, 1, 4])
  }
}
