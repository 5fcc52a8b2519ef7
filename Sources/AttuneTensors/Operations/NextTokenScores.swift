// SPDX-License-Identifier: Apache-2.0

/// Log-probabilities of the next token, one row a sequence, that rules may change before the best are taken.
public struct NextTokenScores: Sendable {
  /// [rows, vocabulary]
  private var logits: Tensor
  /// What each row's logits lack to be log-probabilities.
  private var normalizers: [Double]

  /// The log-probabilities that belong to logits.  [rows, vocabulary]
  public init(logits: Tensor) {
    self.logits = logits.detached()
    normalizers = Kernels.logSumExp(self.logits).doubles
  }

  /// Number of sequences.
  public var rowCount: Int { logits.rowCount }

  /// Number of tokens.
  public var vocabularySize: Int { logits.columnCount }

  /// The log-probability of a token. What is set changes no other token's.
  public subscript(row: Int, token: Int32) -> Double {
    get { Kernels.element(place(row, token), of: logits) - normalizers[row] }
    set {
      let place = place(row, token)
      logits.withMutableStorage { _ in }
      Kernels.setElement(place, of: logits, to: newValue + normalizers[row])
    }
  }

  /// Adds a number to all log-probabilities of a row.
  public mutating func shift(_ row: Int, by amount: Double) { normalizers[row] -= amount }

  private func place(_ row: Int, _ token: Int32) -> Int {
    precondition(
      (0..<rowCount).contains(row) && (0..<vocabularySize).contains(Int(token)),
      "token \(token) of row \(row) in \(logits.shape)")
    return row * vocabularySize + Int(token)
  }

  /// Returns the `count` most probable tokens of each row, most probable first, of equal ones the lower id; fewer where fewer
  /// are possible.
  public func best(_ count: Int) -> [[ScoredToken]] {
    let wanted = min(count, vocabularySize)
    let (tokens, values) = Kernels.bestScores(logits, wanted: wanted)
    return (0..<rowCount).map { row in
      (row * wanted..<(row + 1) * wanted).lazy.filter { tokens[$0] >= 0 }.map {
        ScoredToken(token: tokens[$0], logProbability: values[$0] - normalizers[row])
      }
    }
  }

  /// Returns the log-probabilities of all tokens of a row.
  public func logProbabilities(of row: Int) -> [Double] {
    (row * vocabularySize..<(row + 1) * vocabularySize).map {
      Kernels.element($0, of: logits) - normalizers[row]
    }
  }
}

/// A token and how probable it is.
public struct ScoredToken: Sendable, Hashable {
  public let token: Int32
  public let logProbability: Double

  /// A token of the given log-probability.
  public init(token: Int32, logProbability: Double) {
    self.token = token
    self.logProbability = logProbability
  }
}
