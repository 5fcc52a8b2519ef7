// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// Two linear maps with an activation between, block of rows by block of rows, so that the wide values in between do
/// not leave the cache.
struct FeedForwardKernel {
  let expand: (weight: Tensor, bias: Tensor?)
  let activation: Activation
  let contract: (weight: Tensor, bias: Tensor?)

  private var wideColumns: Int { expand.weight.rowCount }

  /// Whether all products of so many rows are made by our own kernels.
  private func isPacked(_ x: Tensor) -> Bool {
    PackedFactor.pays(x.precision, m: x.rowCount, n: wideColumns, k: x.columnCount)
      && PackedFactor.pays(x.precision, m: x.rowCount, n: contract.weight.rowCount, k: wideColumns)
  }

  /// Returns the result, and the sums before the activation for the way back.
  func forward(_ x: Tensor) -> (sums: Tensor, result: Tensor) {
    guard isPacked(x) else {
      let (sums, activated) = Kernels.linear(x, expand.weight, expand.bias, then: activation)
      return (sums, Kernels.linear(activated, contract.weight, contract.bias, then: nil).sums)
    }
    let sums = Tensor(uninitialized: [x.rowCount, wideColumns], precision: x.precision)
    let result = Tensor(
      uninitialized: [x.rowCount, contract.weight.rowCount], precision: x.precision)
    let first = PackedFactor(expand.weight, isTransposed: true)
    let second = PackedFactor(contract.weight, isTransposed: true)
    PackedFactor.forBlocks(of: x.rowCount) { block in
      let activated = Storage(count: block.count * wideColumns, precision: x.precision)
      let (wide, narrow) = (sums.pointer(atRow: block), result.pointer(atRow: block))
      first.multiplySerially(
        x.pointer(atRow: block), leading: x.columnCount, rows: block.count, into: wide)
      attune_bias_activate(
        x.precision.kernel, activation.kernel, wide, wideColumns, expand.bias?.pointer,
        activated.pointer, wideColumns, block.count, wideColumns)
      second.multiplySerially(
        activated.pointer, leading: wideColumns, rows: block.count, into: narrow)
      attune_bias_activate(
        x.precision.kernel, ATTUNE_IDENTITY, narrow, result.columnCount, contract.bias?.pointer,
        nil, result.columnCount, block.count, result.columnCount)
    }
    return (sums, result)
  }

  /// Returns the gradients of the input, of the sums, and of the second weight when it is wanted.
  func backward(
    _ gradient: Tensor, sums: Tensor, wantsContract: Bool
  ) -> (input: Tensor, wide: Tensor, contract: Tensor?) {
    let rows = sums.rowCount
    guard
      isPacked(gradient),
      PackedFactor.pays(gradient.precision, m: gradient.columnCount, n: wideColumns, k: rows)
    else {
      let wide = Kernels.product(gradient, contract.weight)
      let activated = Kernels.activated(sums, by: activation)
      Kernels.multiplyByDerivative(wide, of: activation, at: sums)
      return (
        Kernels.product(wide, expand.weight), wide,
        wantsContract ? Kernels.product(gradient, activated, transposeA: true) : nil
      )
    }
    let activated = PackedFactor(depth: rows, columns: wideColumns)
    let (input, wide) = inputGradient(gradient, sums: sums, packing: activated)
    guard wantsContract else { return (input, wide, nil) }
    let weight = Tensor(
      uninitialized: [gradient.columnCount, wideColumns], precision: gradient.precision)
    activated.multiply(
      gradient.pointer, isTransposed: true, rows: gradient.columnCount, accumulating: false,
      into: weight.pointer)
    return (input, wide, weight)
  }

  /// Goes back through both maps; on the way it packs what the activation gave for the product with `gradient`.
  private func inputGradient(
    _ gradient: Tensor, sums: Tensor, packing activated: PackedFactor
  ) -> (input: Tensor, wide: Tensor) {
    let precision = sums.precision
    let wide = Tensor(uninitialized: sums.shape, precision: precision)
    let input = Tensor(
      uninitialized: [sums.rowCount, expand.weight.columnCount], precision: precision)
    let second = PackedFactor(contract.weight)
    let first = PackedFactor(expand.weight)
    PackedFactor.forBlocks(of: sums.rowCount) { block in
      let target = wide.pointer(atRow: block)
      let scratch = Storage(count: block.count * wideColumns, precision: precision)
      second.multiplySerially(
        gradient.pointer(atRow: block), leading: gradient.columnCount, rows: block.count,
        into: target)
      attune_activate_both(
        precision.kernel, activation.kernel, sums.pointer(atRow: block), scratch.pointer, target,
        block.count * wideColumns)
      activated.pack(block, from: scratch.pointer)
      first.multiplySerially(
        target, leading: wideColumns, rows: block.count, into: input.pointer(atRow: block))
    }
    return (input, wide)
  }
}

extension Tensor {
  /// The first row of a block.
  fileprivate func pointer(atRow block: Range<Int>) -> UnsafeMutableRawPointer {
    pointer(atElement: block.lowerBound * columnCount)
  }
}
