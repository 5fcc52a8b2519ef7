// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// Vectors of words, learned elsewhere from much text, for the tokens of a vocabulary.
///
/// A token that is a whole word has the vector of that word, or of the word in lower case. A piece has the mean vector of the
/// words that are cut into it and others: that of `##ing` then says that something is being done. What no word of the file is
/// made of has none.
struct WordVectors {
  /// Where the vector of a token is from.
  enum Source {
    case word
    case lowercased
    case pieces
  }

  private var vectors: [Int32: [Float]] = [:]
  private var sources: [Int32: Source] = [:]
  private let dimension: Int
  /// What the file holds, for people.
  private var contents = ""
  /// Words that stand twice, for people; nil: there are none.
  private(set) var warning: String?

  /// Reads a file of GloVe or word2vec.
  init(contentsOf path: String, for tokens: TokenTexts) throws {
    let reader = try WordVectorReader(path: path)
    dimension = reader.dimension
    let places = Places(tokens)
    var pieces: [Int32: MeanVector] = [:]
    while let word = try reader.next() {
      let (exact, lowercased) = places.tokens(of: word.word)
      for id in exact { take(word.vector, for: id, from: .word) }
      for id in lowercased where sources[id] == nil {
        take(word.vector, for: id, from: .lowercased)
      }
      let cut = tokens.pieces(word.word)
      if cut.count == 1, sources[cut[0]] == nil {
        // What the tokenizer makes the same, as THE and the.
        take(word.vector, for: cut[0], from: .lowercased)
      } else if cut.count > 1 {
        for id in Set(cut) { pieces[id, default: MeanVector()].add(word.vector) }
      }
    }
    for (id, piece) in pieces where sources[id] == nil {
      take(piece.mean, for: id, from: .pieces)
    }
    contents = "\(reader.wordCount.grouped) words of \(dimension) numbers"
    warning =
      reader.repeatedCount > 0
      ? "\(path): \(reader.repeatedCount.grouped) words stand there again; their first vector counts."
      : nil
  }

  /// Starts a table of embeddings from the vectors of a file, where one is named, and says what came of it.
  ///
  /// - Parameters:
  ///   - texts: The tokens of the texts that are learned from.
  ///   - key: Of the model; what is drawn here has a place of its own below it.
  static func start(
    _ table: inout Embedding, from path: String?, _ tokens: TokenTexts,
    texts: some Sequence<[Int32]>, key: RandomKey, _ monitor: RecipeMonitor
  ) throws {
    guard let path else { return }
    let vectors = try WordVectors(contentsOf: path, for: tokens)
    if let warning = vectors.warning { monitor.observe(.warning(warning)) }
    monitor.note(vectors.write(to: &table, texts: texts, key: key.place(0x766563)))
  }

  private mutating func take(_ vector: [Float], for id: Int32, from source: Source) {
    (vectors[id], sources[id]) = (vector, source)
  }

  /// Writes the vectors into a table of embeddings, whose other rows stay as they were drawn.
  ///
  /// They are moved to mean zero, since what all words share tells none from another but would be most of what norms see; they
  /// are projected where the table has another width, and scaled to the deviation of its numbers.
  ///
  /// - Parameter texts: The tokens of the texts that are learned from, for the report.
  /// - Returns: How much of vocabulary and texts has vectors, for people.
  func write(
    to table: inout Embedding, texts: some Sequence<[Int32]>, key: RandomKey
  ) -> String {
    let ids = vectors.keys.sorted()
    let width = table.weight.columnCount
    let centred = centred(ids)
    let words = zip(ids, centred).filter { sources[$0.0] != .pieces }.map(\.1)
    let projection = VectorProjection(of: words, from: dimension, to: width, key: key)
    let projected = centred.map { projection($0) }
    var values = table.weight.values
    let scale =
      Self.deviation(values) / max(Self.deviation(projected.joined()), .leastNormalMagnitude)
    for (id, vector) in zip(ids, projected) {
      for column in 0..<width { values[Int(id) * width + column] = vector[column] * scale }
    }
    table.weight.assign(values)
    return report(tokens: table.weight.rowCount, texts: texts, projection, width)
  }

  private func centred(_ ids: [Int32]) -> [[Float]] {
    var mean = [Float](repeating: 0, count: dimension)
    let words = ids.filter { sources[$0] != .pieces }
    for id in words {
      for (column, number) in (vectors[id] ?? []).enumerated() {
        mean[column] += number / Float(words.count)
      }
    }
    return ids.map { id in zip(vectors[id] ?? [], mean).map { $0 - $1 } }
  }

  private static func deviation(_ numbers: some Sequence<Float>) -> Float {
    var (sum, count) = (0.0, 0)
    for number in numbers {
      sum += Double(number) * Double(number)
      count += 1
    }
    return Float((sum / Double(max(count, 1))).squareRoot())
  }

  private func report(
    tokens: Int, texts: some Sequence<[Int32]>, _ projection: VectorProjection, _ width: Int
  ) -> String {
    let words = sources.values.count { $0 != .pieces }
    var (covered, all) = ((words: 0, pieces: 0), 0)
    for text in texts {
      all += text.count
      for id in text {
        switch sources[id] {
        case .word, .lowercased: covered.words += 1
        case .pieces: covered.pieces += 1
        case nil: break
        }
      }
    }
    func share(_ count: Int, _ total: Int) -> String {
      "\((Double(count) / Double(max(total, 1)) * 1000).rounded() / 10) %"
    }
    let map =
      width == dimension
      ? ""
      : ", projected to \(width) (\(share(Int(projection.keptShare * 1000), 1000)) of their variance)"
    return "word vectors: \(contents)\(map); \(words.grouped) tokens are words with a vector, "
      + "\((sources.count - words).grouped) pieces of such words, "
      + "\((tokens - sources.count).grouped) have none; of the running text "
      + "\(share(covered.words, all)) and \(share(covered.pieces, all)) have one"
  }
}

/// Where the words of a file go.
private struct Places {
  private var exact: [ExactText: [Int32]] = [:]
  private var lowercased: [ExactText: [Int32]] = [:]

  init(_ tokens: TokenTexts) {
    for id in 0..<Int32(tokens.count) {
      guard let word = tokens.word(of: id) else { continue }
      exact[ExactText(word), default: []].append(id)
      let lower = word.lowercased()
      if lower != word { lowercased[ExactText(lower), default: []].append(id) }
    }
  }

  func tokens(of word: String) -> (exact: [Int32], lowercased: [Int32]) {
    let key = ExactText(word)
    return (exact[key] ?? [], lowercased[key] ?? [])
  }
}

/// A text that equals another byte for byte, as words of vocabularies do.
private struct ExactText: Hashable {
  private let bytes: [UInt8]

  init(_ text: String) { bytes = Array(text.utf8) }
}

/// The mean of vectors that come one by one.
private struct MeanVector {
  private var sum: [Float] = []
  private var count: Float = 0

  var mean: [Float] { sum.map { $0 / max(count, 1) } }

  mutating func add(_ vector: [Float]) {
    if sum.isEmpty { sum = [Float](repeating: 0, count: vector.count) }
    for place in sum.indices { sum[place] += vector[place] }
    count += 1
  }
}
