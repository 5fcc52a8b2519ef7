// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import CAttuneBundledModel

/// A model that is compiled into the package, so that a binary needs no files beside it.
///
/// Nothing is unpacked or written: its folder is read where it lies in the program, when it is opened.
public enum BundledModel: String, Sendable, Hashable, CaseIterable {
  /// Tells good English reviews from bad ones.
  case classifier
  /// Translates English into French.
  case translator
  /// Writes a sentence about a feature vector.
  case captioner

  /// What messages call it.
  public var name: String { "bundled \(rawValue)" }

  /// Whether the package has it.
  public var isPresent: Bool { embedded.count > 0 }

  /// Returns its folder.
  ///
  /// - Throws: `MissingBundledModelError` if the package was built without it.
  public func folder() throws -> ModelFolder {
    guard isPresent else { throw MissingBundledModelError(model: self) }
    var files: [String: ConstantBytes] = [:]
    for file in UnsafeBufferPointer(start: embedded.files, count: embedded.count) {
      guard let name = file.name else { continue }
      files[String(cString: name)] = ConstantBytes(
        UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }
    return try ModelFolder(FileFolder(embedded: files, name: name))
  }

  private var embedded: attune_bundled_folder {
    switch self {
    case .classifier: attune_bundled_classifier()
    case .translator: attune_bundled_translator()
    case .captioner: attune_bundled_captioner()
    }
  }
}

/// A model that was asked for and is not compiled in.
public struct MissingBundledModelError: AttuneError, Equatable {
  /// The model.
  public let model: BundledModel

  /// Another model must be named.
  public var exitCode: ExitStatus { .usage }

  /// The message for the user.
  public var description: String {
    "this program was built without a \(model.name); name the folder of one with --model DIR."
  }
}
