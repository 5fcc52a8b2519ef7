// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors
internal import AttuneTokenizers

/// Work of the tokenizers' trainers on the process-wide pool.
struct ParallelWork: WorkSharing {
  var threadCount: Int { Parallel.threadCount }

  func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) { Parallel.forEach(count, body) }
}
