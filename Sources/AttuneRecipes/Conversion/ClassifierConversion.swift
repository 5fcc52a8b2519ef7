// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats
public import AttuneModels
internal import AttunePipelines
internal import AttuneTokenizers

/// A classifier's folder written again in another layout or with smaller weights.
public enum ClassifierConversion {
  /// Writes the classifier of one folder into another.
  ///
  /// - Parameters:
  ///   - layout: nil: the one that lets most programs open it.
  ///   - storage: How the weights are stored; Float16 halves the file and keeps about three digits.
  ///   - overwriting: Whether a model that stands at `output` may be replaced.
  /// - Returns: Which program opens what was written, for people.
  public static func run(
    model path: String, output: String, layout: ClassifierLayout? = nil,
    storage: WeightStorage = .float32, overwriting: Bool = false
  ) throws -> String {
    let folder = try ModelFolder(TrainingRun.bestModel(of: path))
    let source = try ClassifierFolder(folder)
    let tokenizer = try Tokenizer(contentsOf: folder.path)
    let wanted = layout ?? source.configuration.layout
    guard wanted == .attune || wanted == source.configuration.layout else {
      throw ClassifierTrainingError.unfitLayout(
        wanted.rawValue, model: path, fitting: source.configuration.layout.rawValue)
    }
    try ModelFolder.create(output, overwriting: overwriting) { writer in
      try ClassifierFolder.write(
        source.model, source.configuration, layout: wanted,
        attune: source.attune?.value ?? [:], storage: storage, with: writer)
      for file in try tokenizer.files(maximumLength: tokenizer.maximumLength) {
        try writer.write(file.bytes, to: file.name)
      }
    }
    return wanted.reader(for: source.configuration.encoder.family)
  }
}
