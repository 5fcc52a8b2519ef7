// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Counts the words of texts as they come, on several threads; memory grows with the distinct words alone.
struct CorpusCounter<Work: WorkSharing> {
  /// What one thread has counted.
  private final class Share: Sendable {
    let counters: Mutex<(training: WordCounter, heldOut: WordCounter)>

    init(_ cutter: WordCutter) {
      counters = Mutex((WordCounter(cutter), WordCounter(cutter)))
    }
  }

  private static var batchBytes: Int { 1 << 20 }

  private let work: Work
  private let shares: [Share]
  /// Part of the texts that are not learned from; nil: none.
  private let heldOutShare: Double
  private var batch: [String] = []
  private var batchSize = 0
  private(set) var textCount = 0

  init(_ cutter: WordCutter, heldOutShare: Double, sharing work: Work) {
    (self.work, self.heldOutShare) = (work, heldOutShare)
    shares = (0..<max(1, work.threadCount)).map { _ in Share(cutter) }
  }

  /// Takes a text; it is counted at once or with later ones.
  mutating func add(_ text: String) {
    textCount += 1
    batch.append(text)
    // Empty texts take room, too.
    batchSize += text.utf8.count + MemoryLayout<String>.size
    if batchSize >= Self.batchBytes { countBatch() }
  }

  private mutating func countBatch() {
    let (batch, shares, heldOutShare) = (batch, shares, heldOutShare)
    let part = (batch.count + shares.count - 1) / shares.count
    work.forEach(shares.count) { index in
      shares[index].counters.withLock { counters in
        for text in batch.dropFirst(index * part).prefix(part) {
          if Self.isHeldOut(text, heldOutShare) {
            counters.heldOut.count(text)
            counters.heldOut.countSpacedWords(of: text)
          } else {
            counters.training.count(text)
          }
        }
      }
    }
    self.batch.removeAll(keepingCapacity: true)
    batchSize = 0
  }

  /// A text is held out by what it says, so neither its place nor the other texts matter, and equal texts stay together.
  private static func isHeldOut(_ text: String, _ share: Double) -> Bool {
    guard share > 0 else { return false }
    let hash = PrefixHash().extended(by: text.utf8).mixed
    return Double(hash >> 11) * 0x1p-53 < share
  }

  /// Returns what was counted in all texts.
  mutating func finish() -> (training: WordCounter, heldOut: WordCounter) {
    countBatch()
    var sum = shares[0].counters.withLock { $0 }
    for share in shares.dropFirst() {
      let counters = share.counters.withLock { $0 }
      sum.training.add(counters.training)
      sum.heldOut.add(counters.heldOut)
    }
    return sum
  }
}
