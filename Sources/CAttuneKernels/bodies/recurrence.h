// SPDX-License-Identifier: Apache-2.0
//
// The pointwise part of an LSTM step (Hochreiter and Schmidhuber 1997, with forget gates).

static void lstm_step(REAL *gates, const REAL *previous_cell, REAL *cell, REAL *hidden, size_t rows, size_t units) {
  for (size_t r = 0; r < rows; r++) {
    REAL *gate = gates + r * 4 * units;
    FOR_LANES(u, n, units, {
      Vector in = logistic(get(gate + u, n));
      Vector forget = logistic(get(gate + units + u, n));
      Vector candidate = hyperbolic_tangent(get(gate + 2 * units + u, n));
      Vector out = logistic(get(gate + 3 * units + u, n));
      Vector state = forget * get(previous_cell + r * units + u, n) + in * candidate;
      put(gate + u, n, in);
      put(gate + units + u, n, forget);
      put(gate + 2 * units + u, n, candidate);
      put(gate + 3 * units + u, n, out);
      put(cell + r * units + u, n, state);
      put(hidden + r * units + u, n, out * hyperbolic_tangent(state));
    });
  }
}

static void lstm_step_backward(const REAL *gates, const REAL *previous_cell, const REAL *cell,
                               const REAL *hidden_gradient, const REAL *cell_gradient, REAL *gate_gradients,
                               REAL *previous_cell_gradient, size_t rows, size_t units) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *gate = gates + r * 4 * units;
    REAL *slopes = gate_gradients + r * 4 * units;
    size_t row = r * units;
    FOR_LANES(u, n, units, {
      Vector in = get(gate + u, n);
      Vector forget = get(gate + units + u, n);
      Vector candidate = get(gate + 2 * units + u, n);
      Vector out = get(gate + 3 * units + u, n);
      Vector squashed = hyperbolic_tangent(get(cell + row + u, n));
      Vector arriving = get(hidden_gradient + row + u, n);
      Vector state = arriving * out * (1 - squashed * squashed) + get(cell_gradient + row + u, n);
      Vector before = get(previous_cell + row + u, n);
      put(slopes + u, n, state * candidate * (in * (1 - in)));
      put(slopes + units + u, n, state * before * (forget * (1 - forget)));
      put(slopes + 2 * units + u, n, state * in * (1 - candidate * candidate));
      put(slopes + 3 * units + u, n, arriving * squashed * (out * (1 - out)));
      put(previous_cell_gradient + row + u, n, state * forget);
    });
  }
}
