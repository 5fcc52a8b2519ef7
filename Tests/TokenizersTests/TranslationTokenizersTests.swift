// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@testable import AttuneTokenizers

@Suite("Tokenizers of translators and captioners in folders")
struct TranslationTokenizersTests {
  private static let files = ["source.spm", "target.spm", "vocab.json"]

  /// A folder with copies of some files of a translator.
  private func folder(_ names: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names {
      let source = Golden.path("Models/Translators/relu/\(name)")
      try folder.write(InputFile.bytes(of: source), to: name)
    }
    return folder
  }

  private func error(
    _ folder: TemporaryFolder, _ sides: TranslationTokenizers.Sides
  ) -> TokenizerError? {
    #expect(throws: TokenizerError.self) {
      try TranslationTokenizers(contentsOf: folder.path, sides: sides)
    }
  }

  @Test("All files that are missing are named, and no others")
  func missingFiles() throws {
    let partial = try folder(["source.spm"])
    #expect(
      error(partial, .both)
        == .incomplete(folder: partial.path, missing: ["target.spm", "vocab.json"]))
    let target = try folder(["vocab.json"])
    #expect(error(target, .target) == .incomplete(folder: target.path, missing: ["target.spm"]))
    #expect(error(target, .target)?.exitCode == .noInput)
    let whole = try folder(Self.files)
    _ = try TranslationTokenizers(contentsOf: whole.path)
  }

  @Test("A malformed model is named by the file it was read from")
  func namesTheFile() throws {
    let folder = try folder(["vocab.json"])
    let path = try folder.write([UInt8](), to: "target.spm")
    #expect(
      error(folder, .target) == .unsupportedModel(file: path, problem: "holds no piece."))
  }

  @Test("Pieces of BPE that are too long to find their merges are refused")
  func tooLongPieces() throws {
    let pieces = (0..<200).map { index in
      SentencePieceModel.Piece(
        text: "\(index)" + String(repeating: "a", count: 4000), score: -Float(index))
    }
    func tokenizers(_ algorithm: SentencePieceModel.Algorithm) throws -> TranslationTokenizers {
      let unknown = SentencePieceModel.Piece(text: "<unk>", score: 0, kind: .unknown)
      return try TranslationTokenizers(
        jointModel: SentencePieceModel.bytes(of: [unknown] + pieces, algorithm, nil))
    }
    let error = #expect(throws: TokenizerError.self) { try tokenizers(.bpe) }
    #expect(error?.description.contains("too long") == true)
    #expect(try tokenizers(.unigram).vocabulary.count == 203)
  }
}
