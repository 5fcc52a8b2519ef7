// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

extension JSONField {
  /// More labels than any head has.
  private static let labelLimit = 1 << 20

  /// The names of the labels by index: those of `id2label`, or `LABEL_0` and so on where only `num_labels` is given; two
  /// where nothing is, as in transformers.
  func labels() throws(JSONFieldError) -> [String] {
    let count = try has("num_labels") ? integer(at: "num_labels", in: 1...Self.labelLimit) : nil
    guard try has("id2label") else { return (0..<(count ?? 2)).map { "LABEL_\($0)" } }
    let names = try labelNames()
    if let count, count != names.count {
      throw try field(at: "num_labels").error(
        "found \(count), but id2label names \(names.count) label\(names.count == 1 ? "" : "s").")
    }
    try checkInverse(of: names)
    return names
  }

  private func labelNames() throws(JSONFieldError) -> [String] {
    let object = try object(at: "id2label")
    guard 1...Self.labelLimit ~= object.count else {
      throw try field(at: "id2label").error("found \(object.count) labels, expected at least 1.")
    }
    var labels = [String?](repeating: nil, count: object.count)
    for (key, value) in object.members.map({ ($0.key, $0.value) }) {
      guard let index = Int(key), "\(index)" == key, labels.indices.contains(index),
        labels[index] == nil,
        let label = value.stringValue ?? value.integerValue.map({ "\($0)" })
      else {
        throw try field(at: "id2label").error(
          "found the entry '\(key)', expected each index below \(labels.count) once, with a name.")
      }
      labels[index] = label
    }
    return labels.compactMap { $0 }
  }

  /// Old files keep the inverse of other names, which nobody reads; one that contradicts is another matter.
  private func checkInverse(of names: [String]) throws(JSONFieldError) {
    var seen = Set<[UInt8]>()
    for name in names where !seen.insert(Array(name.utf8)).inserted {
      throw try field(at: "id2label").error("the label '\(name)' is given twice.")
    }
    guard let inverse = try optionalObject(at: "label2id") else { return }
    for (index, name) in names.enumerated()
    where inverse[name].map({ $0.integerValue != index }) ?? false {
      throw try field(at: "label2id").error("'\(name)' does not lead back to \(index).")
    }
  }
}
