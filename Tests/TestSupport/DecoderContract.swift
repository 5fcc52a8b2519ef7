// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
public import AttuneLayers
public import AttuneTensors

/// What everything that writes a sequence promises.
///
/// Targets are taught whole and step by step; some should be longer than a page of keys, and their lengths should differ.
public struct DecoderContract<Model: SequenceToSequence, Item> {
  let model: Model
  let items: [Item]
  let targets: [[Int32]]
  let vocabularySize: Int
  let source: ([Item], Precision) -> Model.Source

  /// The contract for a model, a source made of each item, and a target for each.
  public init(
    _ model: Model, items: [Item], targets: [[Int32]], vocabularySize: Int,
    source: @escaping ([Item], Precision) -> Model.Source
  ) {
    precondition(items.count == targets.count && items.count >= 3, "three sources or more")
    self.model = model
    self.items = items
    self.targets = targets
    self.vocabularySize = vocabularySize
    self.source = source
  }

  /// Checks every promise in both precisions; throws all findings at once.
  public func check() throws {
    try Disagreement.require(
      none: findings(.float64, tolerance: 1e-10) + findings(.float32, tolerance: 1e-5))
  }

  private func findings(_ precision: Precision, tolerance: Double) -> [String] {
    let run = DecoderRun(contract: self, precision: precision)
    let whole = run.whole(targets)
    var findings: [String] = []
    func expect(_ fact: String, _ found: [Double], _ expected: [Double]) {
      let error = relativeDistance(found, expected)
      if !(error <= tolerance) { findings.append("\(precision): \(fact): \(error) apart") }
    }
    for chunk in [1, 2, 7] {
      expect("whole targets are not steps of \(chunk)", run.steps(of: chunk), whole)
    }
    expect("a batch is not its sequences alone", run.alone(), whole)
    let (found, expected) = run.selection()
    expect("select(rows:) does not commute with steps", found, expected)
    expect("steps have other gradients than whole targets", run.stepGradients(), run.gradients())
    let cut = run.gradientsBehind(.detachedState)
    expect("detach() does not cut gradients", cut, run.gradientsBehind(.constantState))
    if relativeDistance(cut, run.gradientsBehind(.recordedState)) < 1e-3 {
      findings.append("\(precision): gradients do not go through the state")
    }
    findings += run.futureFindings(whole: whole, tolerance: tolerance)
    if run.greedy() != run.beamOfOne() {
      findings.append("\(precision): a beam of width 1 is not greedy search")
    }
    if run.sampled(seed: 5) != run.sampled(seed: 5) {
      findings.append("\(precision): sampling does not repeat under a seed")
    }
    if run.sampled(seed: 5) == run.sampled(seed: 6) {
      findings.append("\(precision): sampling does not depend on its seed")
    }
    if run.sampled(seed: 5) != run.sampledAlone(seed: 5) {
      findings.append("\(precision): what is sampled for a source depends on its batch")
    }
    if run.beams() != run.beamsAlone() {
      findings.append("\(precision): what a beam finds for a source depends on its batch")
    }
    return findings
  }
}

/// The runs of a model that the contract compares.
private struct DecoderRun<Model: SequenceToSequence, Item> {
  let contract: DecoderContract<Model, Item>
  let model: Model
  let source: Model.Source
  let precision: Precision

  init(contract: DecoderContract<Model, Item>, precision: Precision) {
    self.contract = contract
    self.precision = precision
    model = contract.model.converted(to: precision)
    source = contract.source(contract.items, precision)
  }

  private var targets: [[Int32]] { contract.targets }

  func whole(_ targets: [[Int32]]) -> [Double] {
    var state = model.begin(source, mode: .inference)
    return model.states(for: TokenBatch(targets), state: &state, mode: .inference).doubles
  }

  func alone() -> [Double] {
    zip(contract.items, targets).flatMap { item, target in
      lastStates(of: [item], [target], count: target.count)
    }
  }

  /// The last `count` states of targets that are read whole.
  private func lastStates(of items: [Item], _ targets: [[Int32]], count: Int) -> [Double] {
    var state = model.begin(contract.source(items, precision), mode: .inference)
    let batch = TokenBatch(targets)
    let states = model.states(for: batch, state: &state, mode: .inference)
    return states.rows(
      (0..<targets.count).flatMap { batch.layout.rows(of: $0).suffix(count).map { Int32($0) } }
    ).doubles
  }

  /// States of all targets, `chunk` tokens at a time; sequences leave the batch as they end.
  func steps(of chunk: Int) -> [Double] {
    var parts = [[Double]](repeating: [], count: targets.count)
    var state = model.begin(source, mode: .inference)
    var active = Array(targets.indices)
    var first = 0
    while !active.isEmpty {
      let next = active.map { Array(targets[$0].dropFirst(first).prefix(chunk)) }
      let batch = TokenBatch(next)
      let states = model.states(for: batch, state: &state, mode: .inference)
      for (place, target) in active.enumerated() {
        parts[target] += states.rows(batch.layout.rows(of: place).map { Int32($0) }).doubles
      }
      first += chunk
      let rows = active.indices.filter { targets[active[$0]].count > first }
      state.select(rows: rows)
      active = rows.map { active[$0] }
    }
    return parts.flatMap { $0 }
  }

  /// Rows are repeated and reordered in the middle and then go different ways; each is compared with a target read whole.
  func selection() -> (found: [Double], expected: [Double]) {
    let rows = [2, 0, 0, 1, 2]
    let prefixes = targets.map { Array($0.dropLast()) }
    var state = model.begin(source, mode: .inference)
    _ = model.states(for: TokenBatch(prefixes), state: &state, mode: .inference)
    state.select(rows: rows)
    var sequences = rows.map { prefixes[$0] }
    for step in 0..<2 {
      let next = rows.indices.map { Int32(($0 * 3 + step) % contract.vocabularySize) }
      sequences = zip(sequences, next).map { $0 + [$1] }
      let states = model.states(for: TokenBatch(next.map { [$0] }), state: &state, mode: .inference)
      if step == 1 {
        return (
          states.doubles, lastStates(of: rows.map { contract.items[$0] }, sequences, count: 1)
        )
      }
    }
    return ([], [])
  }

  func greedy() -> [[Int32]] {
    let limits = DecodingLimits(start: 0, end: 1, maximumLength: 9)
    return GreedySearch(limits: limits)(model, source).map(\.tokens)
  }

  func beamOfOne() -> [[Int32]] {
    let limits = DecodingLimits(start: 0, end: 1, maximumLength: 9)
    return BeamSearch(width: 1, limits: limits)(model, source).map { $0[0].tokens }
  }

  private static var limits: DecodingLimits {
    DecodingLimits(start: 0, end: 1, maximumLength: 9, minimumLength: 2)
  }

  private var rules: DecodingRules {
    DecodingRules(repetitionPenalty: 1.2, noRepeatNGramSize: 3)
  }

  func sampled(seed: UInt64) -> [[Int32]] {
    sampled(source, seed: seed, sentences: contract.items.indices.map { UInt64($0) })
  }

  func sampledAlone(seed: UInt64) -> [[Int32]] {
    contract.items.enumerated().flatMap { index, item in
      sampled(contract.source([item], precision), seed: seed, sentences: [UInt64(index)])
    }
  }

  private func sampled(
    _ source: Model.Source, seed: UInt64, sentences: [UInt64]
  ) -> [[Int32]] {
    let search = SamplingSearch(
      sampling: TokenSampling(temperature: 1.3, topK: 6, topP: 0.98), seed: seed, rules: rules,
      limits: Self.limits)
    return search(SequenceWriter(model), source, sentences: sentences).map(\.tokens)
  }

  func beams() -> [[[Int32]]] { beams(source) }

  func beamsAlone() -> [[[Int32]]] {
    contract.items.flatMap { beams(contract.source([$0], precision)) }
  }

  private func beams(_ source: Model.Source) -> [[[Int32]]] {
    let search = BeamSearch(
      width: 3, hypothesisCount: 3, stopping: .hopeless, rules: rules, limits: Self.limits)
    return search(SequenceWriter(model), source).map { $0.map(\.tokens) }
  }

  /// Another second half of each target must change the states there and none before.
  func futureFindings(whole: [Double], tolerance: Double) -> [String] {
    let changed = targets.map { target in
      target.enumerated().map { position, token in
        position < target.count / 2 ? token : (token + 1) % Int32(contract.vocabularySize)
      }
    }
    let other = self.whole(changed)
    let width = whole.count / targets.reduce(0) { $0 + $1.count }
    var before: [Int] = []
    var after: [Int] = []
    var row = 0
    for target in targets {
      let half = target.count / 2
      before += (row..<row + half).flatMap { $0 * width..<($0 + 1) * width }
      after += (row + half..<row + target.count).flatMap { $0 * width..<($0 + 1) * width }
      row += target.count
    }
    var findings: [String] = []
    if relativeDistance(before.map { other[$0] }, before.map { whole[$0] }) > tolerance {
      findings.append("\(precision): states depend on later tokens")
    }
    if relativeDistance(after.map { other[$0] }, after.map { whole[$0] }) < 1e-3 {
      findings.append("\(precision): states do not depend on their tokens")
    }
    return findings
  }
}

/// How the state before the last tokens was computed.
private enum StateOrigin {
  case recordedState, detachedState, constantState
}

extension DecoderRun {
  func gradients() -> [Double] {
    flat { model in
      var state = model.begin(source, mode: .inference)
      return model.states(for: TokenBatch(targets), state: &state, mode: .inference)
    }
  }

  func stepGradients() -> [Double] {
    let heads = targets.map { Array($0.prefix(2)) }
    let tails = targets.map { Array($0.dropFirst(2)) }
    let order = TokenBatch(heads).layout.lengths
    return flat { model in
      var state = model.begin(source, mode: .inference)
      let first = model.states(for: TokenBatch(heads), state: &state, mode: .inference)
      let second = model.states(for: TokenBatch(tails), state: &state, mode: .inference)
      let both = Tensor.concatenatingRows([first, second])
      // Back into the order of whole targets, which the loss weights by position.
      var rows: [Int32] = []
      var (head, tail) = (0, first.rowCount)
      for (index, length) in order.enumerated() {
        rows += (head..<head + length).map { Int32($0) }
        rows += (tail..<tail + tails[index].count).map { Int32($0) }
        head += length
        tail += tails[index].count
      }
      return both.rows(rows)
    }
  }

  /// Gradients of the last state of each target.
  func gradientsBehind(_ origin: StateOrigin) -> [Double] {
    let prefixes = TokenBatch(targets.map { Array($0.dropLast()) })
    let last = TokenBatch(targets.map { Array($0.suffix(1)) })
    let constant = self.model
    return flat { tracked in
      let reader = origin == .constantState ? constant : tracked
      var state = reader.begin(source, mode: .inference)
      _ = reader.states(for: prefixes, state: &state, mode: .inference)
      if origin == .detachedState { state.detach() }
      return tracked.states(for: last, state: &state, mode: .inference)
    }
  }

  /// Gradients of all parameters, one after the other; zeros where there is none.
  private func flat(_ states: (Model) -> Tensor) -> [Double] {
    let gradients = valueAndGradients(of: model) { states($0).spreadToOneNumber() }.gradients
    var result: [Double] = []
    model.forEachParameter { name, parameter in
      result +=
        gradients[name]?.dense(shape: parameter.shape).doubles
        ?? [Double](repeating: 0, count: parameter.count)
    }
    return result
  }
}
