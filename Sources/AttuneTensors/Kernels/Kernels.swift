// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// The loops behind the operations: the only place with pointers. Each function takes whole tensors, cuts the work into
/// pieces whose size depends on the data alone, and runs them on the pool.
enum Kernels {
  static func fill(_ tensor: Tensor, _ value: Double) {
    attune_fill(tensor.precision.kernel, tensor.pointer, value, tensor.count)
  }

  static func write(_ values: [Float], to storage: Storage) {
    values.withUnsafeBufferPointer { source in
      attune_convert(
        ATTUNE_FLOAT32, source.baseAddress, storage.precision.kernel, storage.pointer, storage.count
      )
    }
  }

  static func convert(_ source: Tensor, to destination: Tensor) {
    attune_convert(
      source.precision.kernel, source.pointer, destination.precision.kernel, destination.pointer,
      source.count)
  }

  static func floats(of storage: Storage) -> [Float] {
    [Float](unsafeUninitializedCapacity: storage.count) { buffer, initialized in
      attune_convert(
        storage.precision.kernel, storage.pointer, ATTUNE_FLOAT32, buffer.baseAddress,
        storage.count)
      initialized = storage.count
    }
  }

  static func doubles(of storage: Storage) -> [Double] {
    [Double](unsafeUninitializedCapacity: storage.count) { buffer, initialized in
      attune_convert(
        storage.precision.kernel, storage.pointer, ATTUNE_FLOAT64, buffer.baseAddress,
        storage.count)
      initialized = storage.count
    }
  }
}
