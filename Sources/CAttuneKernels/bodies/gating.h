// SPDX-License-Identifier: Apache-2.0
//
// Gated linear units: the first half of a row, activated, times its second half.

INLINE void map_gated(VectorFunction *f, const REAL *sums, REAL *gated, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = sums + 2 * r * width, *gate = x + width;
    REAL *result = gated + r * width;
    FOR_LANES(i, n, width, put(result + i, n, f(get(x + i, n)) * get(gate + i, n)););
  }
}

static void activate_gated(attune_activation f, const REAL *sums, REAL *gated, size_t rows, size_t width) {
  switch (f) {
    case ATTUNE_IDENTITY: return map_gated(identity, sums, gated, rows, width);
    case ATTUNE_RELU: return map_gated(relu, sums, gated, rows, width);
    case ATTUNE_GELU: return map_gated(gelu, sums, gated, rows, width);
    case ATTUNE_GELU_TANH: return map_gated(gelu_tanh, sums, gated, rows, width);
    case ATTUNE_TANH: return map_gated(hyperbolic_tangent, sums, gated, rows, width);
    case ATTUNE_SIGMOID: return map_gated(logistic, sums, gated, rows, width);
    case ATTUNE_SILU: return map_gated(silu, sums, gated, rows, width);
    case ATTUNE_QUICK_GELU: return map_gated(quick_gelu, sums, gated, rows, width);
    case ATTUNE_MISH: return map_gated(mish, sums, gated, rows, width);
  }
}

INLINE Vector one_slope(Vector x) {
  (void)x;
  return splat(1);
}

typedef struct {
  const REAL *sums, *gradient;
  REAL *sum_gradient, *gated;
  size_t rows, width;
} GatedBackward;

INLINE void map_gated_backward(VectorFunction *f, VectorFunction *slope, GatedBackward call) {
  for (size_t r = 0; r < call.rows; r++) {
    const REAL *x = call.sums + 2 * r * call.width, *gate = x + call.width;
    const REAL *gradient = call.gradient + r * call.width;
    REAL *x_gradient = call.sum_gradient + 2 * r * call.width, *gate_gradient = x_gradient + call.width;
    REAL *gated = call.gated + r * call.width;
    FOR_LANES(i, n, call.width, {
      Vector here = get(x + i, n), factor = get(gate + i, n), arriving = get(gradient + i, n);
      Vector activated = f(here);
      put(gated + i, n, activated * factor);
      put(x_gradient + i, n, arriving * factor * slope(here));
      put(gate_gradient + i, n, arriving * activated);
    });
  }
}

static void activate_gated_backward(attune_activation f, const REAL *sums, const REAL *gradient, REAL *sum_gradient,
                                    REAL *gated, size_t rows, size_t width) {
  GatedBackward call = {sums, gradient, sum_gradient, gated, rows, width};
  switch (f) {
    case ATTUNE_IDENTITY: return map_gated_backward(identity, one_slope, call);
    case ATTUNE_RELU: return map_gated_backward(relu, relu_slope, call);
    case ATTUNE_GELU: return map_gated_backward(gelu, gelu_slope, call);
    case ATTUNE_GELU_TANH: return map_gated_backward(gelu_tanh, gelu_tanh_slope, call);
    case ATTUNE_TANH: return map_gated_backward(hyperbolic_tangent, tanh_slope, call);
    case ATTUNE_SIGMOID: return map_gated_backward(logistic, logistic_slope, call);
    case ATTUNE_SILU: return map_gated_backward(silu, silu_slope, call);
    case ATTUNE_QUICK_GELU: return map_gated_backward(quick_gelu, quick_gelu_slope, call);
    case ATTUNE_MISH: return map_gated_backward(mish, mish_slope, call);
  }
}
