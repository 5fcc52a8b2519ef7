// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneLayers

/// Parameters that keep their values in training: no gradient of theirs is computed and no moments are kept.
public struct FrozenParameters: Sendable, Hashable {
  private let paths: [String]

  /// Parameters by the beginnings of their names; a beginning ends where a step of the path does, and `encoder.` may be left out:
  /// `embeddings` and `layers.1` freeze `encoder.embeddings.…` and `encoder.layers.1.…`, but not `encoder.layers.10.…`.
  ///
  /// - Throws: `FrozenParametersError` when a name is not one of the model's, or nothing is left to be trained.
  public init(_ names: [String], in model: some Module) throws(FrozenParametersError) {
    var parameters: [String] = []
    model.forEachParameter { name, _ in parameters.append(name) }
    var paths: [String] = []
    for name in names {
      let candidates = [name, "encoder.\(name)"]
      let path = candidates.first { path in parameters.contains { Self.holds(path, $0) } }
      guard let path else {
        throw .unknown(name, known: Self.beginnings(of: parameters))
      }
      paths.append(path)
    }
    self.paths = paths
    guard parameters.contains(where: { trains($0) }) else { throw .nothingLeft }
  }

  /// Whether the parameter of a name is trained.
  public func trains(_ name: String) -> Bool { !paths.contains { Self.holds($0, name) } }

  private static func holds(_ path: String, _ name: String) -> Bool {
    name == path || name.hasPrefix(path + ".")
  }

  /// What is usually frozen: everything down to the numbers of layers.
  private static func beginnings(of parameters: [String]) -> [String] {
    var found: [String] = []
    for parameter in parameters {
      let steps = parameter.split(separator: ".")
      let depth = steps.count > 2 && Int(steps[2]) != nil ? 3 : 2
      for length in 1...max(1, min(depth, steps.count - 1)) {
        let path = steps.prefix(length).joined(separator: ".")
        if !found.contains(path), !path.hasSuffix(".layers") { found.append(path) }
      }
    }
    return found
  }
}

/// Why parameters cannot be frozen.
public enum FrozenParametersError: AttuneError, Equatable {
  /// No parameter's name begins so.
  case unknown(String, known: [String])
  /// Everything is frozen.
  case nothingLeft

  /// The command line must say something else.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      // Said as the user would: with or without the first step.
      let names = known + known.filter { $0.hasPrefix("encoder.") }.map { String($0.dropFirst(8)) }
      return
        "--freeze '\(name)': the model has no such part."
        + EditDistance.suggestion(for: name, in: names)
        + " Its parts are \(known.joined(separator: ", "))."
    case .nothingLeft:
      return
        "--freeze: every part of the model is frozen, so there is nothing to train. Leave out one."
    }
  }
}
