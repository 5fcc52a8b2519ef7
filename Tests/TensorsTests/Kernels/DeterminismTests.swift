// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Results do not depend on the number of threads")
struct DeterminismTests {
  private func float(_ shape: [Int], _ seed: UInt64, scale: Double = 1) -> Tensor {
    .drawn(shape, seed: seed, scale: scale).converted(to: .float32)
  }

  @Test("Sums of elements and columns")
  func sums() {
    let x = float([997, 301], 1)
    let results = ThreadSweep.bytes {
      [x.sum(), Kernels.columnSums(x), Kernels.columnDots(x, x), x.scaled(by: 3).softmax()]
    }
    #expect(Set(results).count == 1)
  }

  @Test("Gradients of a loss through norms, attention, a feed-forward net and tables")
  func gradients() throws {
    let layout = SequenceLayout(lengths: [150, 1, 77, 300])
    let rows = layout.tokenCount
    let (columns, wide, vocabulary) = (64, 256, 300)
    let ids = (0..<rows).map { Int32(($0 * 31) % vocabulary) }
    let parameters = [
      "table": float([vocabulary, columns], 1), "weight": float([columns], 2),
      "bias": float([columns], 3), "w1": float([wide, columns], 4, scale: 0.2),
      "b1": float([wide], 5), "w2": float([columns, wide], 6, scale: 0.2),
      "b2": float([columns], 7),
    ]
    let draw = DropoutDraw(rate: 0.1, key: RandomKey(seed: 1))
    let results = ThreadSweep.bytes {
      let p = parameters.reduce(into: [String: Tensor]()) {
        $0[$1.key] = $1.value.tracked(as: $1.key)
      }
      let t = NamedTensors(p)
      let states = Tensor.embedding([(table: t["table"], ids: ids)])
      let attended = Tensor.attention(
        queries: states, layout, keys: states, values: states, layout,
        settings: AttentionSettings(headCount: 4, dropout: draw))
      let normed = attended.layerNormalized(
        addedTo: states, dropout: draw, weight: t["weight"], bias: t["bias"], epsilon: 1e-5)
      let widened = normed.feedForward(
        expand: (t["w1"], t["b1"]), activation: .gelu, contract: (t["w2"], t["b2"]))
      let loss = widened.dropped(draw, addedTo: normed).projectedCrossEntropy(
        table: t["table"], bias: nil, CrossEntropyTargets(ids, labelSmoothing: 0.1))
      let gradients = loss.gradients()
      return [loss]
        + parameters.keys.sorted().compactMap { name in
          parameters[name].flatMap { gradients[name]?.dense(shape: $0.shape) }
        }
    }
    #expect(results.allSatisfy { $0.count == parameters.count + 1 })
    #expect(Set(results).count == 1)
  }

  @Test(
    "A product of packed weights that a thread computes alone has the bits of one that threads share",
    arguments: [1, 20, 32, 64, 300], PackedMatrix.Format.allCases)
  func productsInsideBodies(rows: Int, format: PackedMatrix.Format) {
    let states = float([rows, 128], 1)
    let weight = Weight(float([700, 128], 2)).packed(as: format)
    let bias = float([700], 3)
    let results = ThreadSweep.bytes {
      let inside = Parallel.map(2) { _ in states.linear(weight, bias: bias) }
      return [states.linear(weight, bias: bias)] + inside
    }
    #expect(Set(results.joined()).count == 1)
  }

  @Test("A call from inside a body and calls from several threads at once do all their work")
  func nestedCalls() async {
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let cells = Tensor.zeros([50, 20])
          Parallel.forEach(50) { row in
            Parallel.forEach(20) { column in
              cells.pointer(atElement: row * 20 + column).assumingMemoryBound(to: Float.self)
                .pointee += 1
            }
          }
          return cells.values.count { $0 == 1 }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == [1000, 1000, 1000, 1000])
  }
}
