// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
  /// Returns the bytes with each place of `from`, which is not empty, replaced, from left to right.
  func replacingAll(_ from: [UInt8], with to: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    while position < count {
      if self[position...].starts(with: from) {
        result += to
        position += from.count
      } else {
        result.append(self[position])
        position += 1
      }
    }
    return result
  }
}
