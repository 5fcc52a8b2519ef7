// SPDX-License-Identifier: Apache-2.0

/// Minimises a smooth convex function by limited-memory BFGS (Liu and Nocedal 1989).
struct LimitedMemoryBFGS {
  /// Pairs of steps that the curvature is taken from.
  var memory = 8
  var maximumIterations = 200
  /// The search ends when no component of the gradient is larger.
  var tolerance = 1e-4

  private struct Pair {
    let step: [Double]
    let change: [Double]
    /// 1 / (step . change)
    let reciprocal: Double
  }

  /// Returns the minimum, starting from `start`; `evaluate` writes the gradient and returns the value.
  func minimum(
    from start: [Double], _ evaluate: ([Double], inout [Double]) -> Double
  ) -> [Double] {
    var point = start
    var gradient = [Double](repeating: 0, count: point.count)
    var value = evaluate(point, &gradient)
    var pairs: [Pair] = []
    for _ in 0..<maximumIterations where Vectors.largest(gradient) > tolerance {
      var direction = descent(along: gradient, pairs)
      var slope = Vectors.dot(direction, gradient)
      if slope >= 0 {
        pairs = []
        direction = Vectors.scaled(gradient, by: -1)
        slope = -Vectors.dot(gradient, gradient)
      }
      let first = pairs.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
      guard
        let next = search(
          from: point, value, along: direction, slope, firstStep: first, evaluate)
      else { break }
      let step = Vectors.sum(next.point, point, scaledBy: -1)
      let change = Vectors.sum(next.gradient, gradient, scaledBy: -1)
      let curvature = Vectors.dot(step, change)
      if curvature > 1e-10 * Vectors.dot(change, change) {
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append(Pair(step: step, change: change, reciprocal: 1 / curvature))
      }
      (point, value, gradient) = next
    }
    return point
  }

  /// The two-loop recursion (Nocedal and Wright 2006, algorithm 7.4).
  private func descent(along gradient: [Double], _ pairs: [Pair]) -> [Double] {
    var direction = Vectors.scaled(gradient, by: -1)
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = pair.reciprocal * Vectors.dot(pair.step, direction)
      Vectors.add(pair.change, scaledBy: -share, to: &direction)
      shares.append(share)
    }
    if let last = pairs.last {
      let scale = 1 / (last.reciprocal * Vectors.dot(last.change, last.change))
      direction = Vectors.scaled(direction, by: scale)
    }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let correction = pair.reciprocal * Vectors.dot(pair.change, direction)
      Vectors.add(pair.step, scaledBy: share - correction, to: &direction)
    }
    return direction
  }

  /// Shortens the step until the value falls enough (Armijo); nil when rounding allows no fall.
  private func search(
    from point: [Double], _ value: Double, along direction: [Double], _ slope: Double,
    firstStep: Double, _ evaluate: ([Double], inout [Double]) -> Double
  ) -> (point: [Double], value: Double, gradient: [Double])? {
    var length = firstStep
    var gradient = [Double](repeating: 0, count: point.count)
    for _ in 0..<30 {
      let candidate = Vectors.sum(point, direction, scaledBy: length)
      let reached = evaluate(candidate, &gradient)
      if reached <= value + 1e-4 * length * slope { return (candidate, reached, gradient) }
      // The minimum of the parabola through both values and the slope, within bounds.
      let parabola = -slope * length * length / (2 * (reached - value - slope * length))
      length = min(max(parabola, 0.1 * length), 0.5 * length)
    }
    return nil
  }
}
