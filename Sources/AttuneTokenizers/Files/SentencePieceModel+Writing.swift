// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension SentencePieceModel {
  /// One entry of a model that is written.
  struct Piece {
    let text: String
    let score: Float
    var kind = Kind.normal
  }

  /// Returns the bytes of a model as the `sentencepiece` package writes them.
  ///
  /// - Parameters:
  ///   - pieces: In the order of their ids; one is unknown.
  ///   - algorithm: How the pieces are found.
  ///   - charsmap: What happens to characters first.
  static func bytes(
    of pieces: [Piece], _ algorithm: Algorithm = .unigram, _ charsmap: Charsmap?
  ) -> [UInt8] {
    var model = ProtobufWriter()
    for piece in pieces {
      var entry = ProtobufWriter()
      entry.write(piece.text, to: 1)
      entry.write(piece.score, to: 2)
      if piece.kind != .normal { entry.write(piece.kind.rawValue, to: 3) }
      model.write(entry, to: 1)
    }
    func id(_ text: String) -> Int { pieces.firstIndex { $0.text == text } ?? -1 }
    var trainer = ProtobufWriter()
    trainer.write(algorithm.rawValue, to: 3)
    trainer.write(pieces.count, to: 4)
    trainer.write(pieces.firstIndex { $0.kind == .unknown } ?? 0, to: 40)
    trainer.write(id("<s>"), to: 41)
    trainer.write(id("</s>"), to: 42)
    trainer.write(-1, to: 43)
    model.write(trainer, to: 2)
    var normalizer = ProtobufWriter()
    normalizer.write(charsmap == nil ? "identity" : "user_defined", to: 1)
    if let charsmap { normalizer.write(charsmap.bytes, to: 2) }
    for field in 3...5 { normalizer.write(true, to: field) }
    model.write(normalizer, to: 3)
    return model.bytes
  }
}
