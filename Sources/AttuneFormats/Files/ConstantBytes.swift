// SPDX-License-Identifier: Apache-2.0

/// Bytes that stay where they are and as they are while the program runs, as those that are compiled into it.
package struct ConstantBytes: @unchecked Sendable {
  // Safe to share: nobody writes them.
  package let buffer: UnsafeRawBufferPointer

  /// The bytes of the buffer, which nobody may write or free from now on.
  package init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

  /// How many there are.
  package var count: Int { buffer.count }
}
