// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Gradients")
struct GradientTests {
  @Test("A parameter used twice gets the sum of both gradients")
  func tiedUse() throws {
    let x = Tensor([2, 3]).tracked(as: "x")
    let gradients = (x * x + x).sum().gradients()
    #expect(try #require(gradients["x"]).dense(shape: [2]).values == [5, 7])
  }

  @Test("A name tracked twice gets the sum of both gradients")
  func tiedName() throws {
    let (a, b) = (Tensor([2]).tracked(as: "x"), Tensor([2]).tracked(as: "x"))
    let gradients = (a.scaled(by: 3) + b.scaled(by: 4)).sum().gradients()
    #expect(try #require(gradients["x"]).dense(shape: [1]).values == [7])
  }

  @Test("A table that is looked up and multiplied gets rows plus dense, in either order")
  func rowsPlusDense() throws {
    let tensors = ["table": Tensor.drawn([5, 3], seed: 1), "x": .drawn([2, 3], seed: 2)]
    let targets = CrossEntropyTargets([1, 4])
    try expectGradients(of: tensors) {
      let states = Tensor.embedding([(table: $0["table"], ids: [0, 3])]) * $0["x"]
      return states.projectedCrossEntropy(table: $0["table"], bias: nil, targets)
    }
    try expectGradients(of: tensors) {
      let logits = $0["x"].linear(weight: $0["table"], bias: nil).sum()
      return logits + Tensor.embedding([(table: $0["table"], ids: [3, 3])]).sum()
    }
    try expectGradients(of: tensors.filter { $0.key == "table" }) {
      .embedding([(table: $0["table"], ids: [0, 3, 1]), (table: $0["table"], ids: [3, 0, 0])])
    }
  }

  @Test("A lookup's gradient names each used row once, in rising order")
  func rowGradient() throws {
    let table = Tensor.drawn([100, 2], seed: 1).tracked(as: "table")
    let gradients = Tensor.embedding([(table: table, ids: [70, 3, -1, 70])]).sum().gradients()
    guard case .rows(let rows, let values) = try #require(gradients["table"]) else {
      Issue.record("a dense gradient")
      return
    }
    #expect(rows == [3, 70])
    #expect(values.doubles == [1, 1, 2, 2])
    #expect(try #require(gradients["table"]).sumOfSquares == 10)
  }

  @Test("A chain of 100,000 operations is walked and released without overflowing the stack")
  func longChain() throws {
    var value = Tensor([1]).tracked(as: "x")
    for _ in 0..<100_000 { value = value + value.detached() }
    #expect(try #require(value.sum().gradients()["x"]).dense(shape: [1]).values == [1])
    var unwalked = Tensor([0]).tracked(as: "x")
    let step = Tensor([1])
    for _ in 0..<100_000 { unwalked = unwalked + step }
    #expect(unwalked.scalar == 100_000)
  }

  @Test("The computation is released with its result")
  func graphIsReleased() {
    weak var node: GradientNode?
    weak var saved: Storage?
    do {
      let x = Tensor([1, 2]).tracked(as: "x")
      let product = x * x
      node = product.node
      let table = Tensor.drawn([1, 3], seed: 1).tracked(as: "bias").scaled(by: 2)
      saved = table.storage
      let layout = SequenceLayout(lengths: [2])
      let states = Tensor.drawn([2, 2], seed: 1)
      let attended = Tensor.attention(
        queries: states, layout, keys: states, values: states, layout,
        bias: AttentionBias(table: table, origin: 1), settings: AttentionSettings(headCount: 1))
      #expect(node != nil && saved != nil)
      _ = product.sum().gradients()
      _ = attended.sum().gradients()
    }
    #expect(node == nil)
    #expect(saved == nil)
  }

  @Test("Backward releases what a node saved as soon as it is used")
  func savedValuesAreReleased() {
    let x = Tensor.drawn([3], seed: 1).tracked(as: "x")
    weak var saved: Storage?
    let loss: Tensor
    do {
      let squared = x * x
      saved = squared.storage
      loss = (squared * squared).sum()
    }
    #expect(saved != nil)
    _ = loss.gradients()
    #expect(saved == nil)
  }

  @Test("A detached value stops the gradient")
  func detached() throws {
    let x = Tensor([2, 3]).tracked(as: "x")
    #expect(!x.detached().isTracked)
    let gradients = (x.detached() * x).sum().gradients()
    #expect(try #require(gradients["x"]).dense(shape: [2]).values == [2, 3])
    #expect(x.detached().sum().gradients().byName.isEmpty)
  }

  @Test("An untracked computation records nothing")
  func untracked() {
    let x = Tensor.drawn([2, 3], seed: 1)
    let weight = Tensor.drawn([4, 3], seed: 2)
    #expect(!x.linear(weight: weight, bias: nil, then: .gelu).softmax().sum().isTracked)
  }

  @Test("Only tracked inputs get gradients")
  func partlyTracked() throws {
    let x = Tensor.drawn([2, 3], seed: 1)
    let weight = Tensor.drawn([4, 3], seed: 2).tracked(as: "w")
    #expect(x.linear(weight: weight, bias: nil).sum().gradients().byName.keys.sorted() == ["w"])
  }

  @Test("A sum of dense gradients is formed in place when nobody else holds the first")
  func sumInPlace() {
    func storage(_ gradient: Gradient) -> ObjectIdentifier {
      switch gradient {
      case .dense(let tensor), .rows(_, let tensor): ObjectIdentifier(tensor.storage)
      }
    }
    var gradient = Gradient.dense(Tensor([1, 2]))
    let before = storage(gradient)
    gradient.add(.dense(Tensor([10, 20])))
    #expect(storage(gradient) == before)
    #expect(gradient.dense(shape: [2]).values == [11, 22])
    let holder = gradient
    gradient.add(holder)
    #expect(holder.dense(shape: [2]).values == [11, 22])
    #expect(gradient.dense(shape: [2]).values == [22, 44])
  }

  @Test("Clipping scales to the bound, and only down")
  func clipping() {
    var gradients = Gradients()
    gradients.byName = [
      "a": .dense(Tensor([3, 0])), "b": .rows([1], Tensor([4], shape: [1, 1])),
    ]
    #expect(gradients.norm == 5)
    #expect(gradients.clip(toNorm: 10) == 5)
    #expect(gradients.norm == 5)
    #expect(gradients.clip(toNorm: 1) == 5)
    #expect(abs(gradients.norm - 1) < 1e-6)
  }
}
