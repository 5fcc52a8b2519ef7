// SPDX-License-Identifier: Apache-2.0
//
// Activations and their derivatives.

INLINE Vector identity(Vector x) { return x; }
INLINE Vector relu(Vector x) { return choose(x < 0, splat(0), x); }
INLINE Vector gelu(Vector x) { return x * normal_distribution(x); }

// 0.5 (1 + tanh(u)) = logistic(2u), which keeps its relative accuracy for large negative u.
#define GELU_TANH_SLOPE ((REAL)1.59576912160573071176)  // 2 sqrt(2 / pi)
#define GELU_TANH_CUBIC ((REAL)0.044715)

INLINE Vector gelu_tanh(Vector x) {
  Vector u = x * (x * x * (GELU_TANH_SLOPE * GELU_TANH_CUBIC) + GELU_TANH_SLOPE);
  return x * logistic(u);
}

INLINE Vector silu(Vector x) { return x * logistic(x); }

#define QUICK_GELU_SLOPE ((REAL)1.702)

INLINE Vector quick_gelu(Vector x) { return x * logistic(x * QUICK_GELU_SLOPE); }

/// tanh(log(1 + w)) of w = exp(x), which needs no logarithm: n / (n + 2) with n = (1 + w)^2 - 1.
INLINE Vector mish_gate(Vector n) { return n / (n + 2); }

INLINE Vector mish(Vector x) {
  // Beyond 20 the gate is 1 to the last bit, and the square of its exponential would overflow.
  Vector w = exponential(choose(x > 20, splat(20), x));
  return x * mish_gate(w * (w + 2));
}

INLINE Vector relu_slope(Vector x) { return choose(x <= 0, splat(0), splat(1)); }

INLINE Vector gelu_slope(Vector x) {
  Vector density = exponential(x * x * (REAL)-0.5) * (REAL)0.39894228040143267794;
  return x * density + normal_distribution(x);
}

INLINE Vector gelu_tanh_slope(Vector x) {
  // Beyond 30 the slope is 0 or 1, and the cube of a huge x would overflow.
  x = choose(x > 30, splat(30), x);
  x = choose(x < -30, splat(-30), x);
  Vector square = x * x;
  Vector s = logistic(x * (square * (GELU_TANH_SLOPE * GELU_TANH_CUBIC) + GELU_TANH_SLOPE));
  Vector u_slope = square * (3 * GELU_TANH_SLOPE * GELU_TANH_CUBIC) + GELU_TANH_SLOPE;
  return x * u_slope * (s * (1 - s)) + s;
}

INLINE Vector tanh_slope(Vector x) {
  Vector t = hyperbolic_tangent(x);
  return 1 - t * t;
}

INLINE Vector logistic_slope(Vector x) {
  Vector s = logistic(x);
  return s * (1 - s);
}

INLINE Vector silu_slope(Vector x) {
  Vector s = logistic(x);
  return x * (s * (1 - s)) + s;
}

INLINE Vector quick_gelu_slope(Vector x) {
  Vector s = logistic(x * QUICK_GELU_SLOPE);
  return x * (s * (1 - s)) * QUICK_GELU_SLOPE + s;
}

INLINE Vector mish_slope(Vector x) {
  x = choose(x > 20, splat(20), x);
  Vector w = exponential(x), n = w * (w + 2);
  // gate' = (1 - gate^2) logistic(x); both factors as fractions, for gates near 1.
  Vector bend = 4 * (n + 1) / ((n + 2) * (n + 2)) * (w / (w + 1));
  return x * bend + mish_gate(n);
}

typedef Vector VectorFunction(Vector);

INLINE void map(VectorFunction *f, const REAL *x, REAL *destination, size_t count) {
  FOR_LANES(i, n, count, put(destination + i, n, f(get(x + i, n))););
}

static void activate(attune_activation f, const REAL *x, REAL *destination, size_t count) {
  switch (f) {
    case ATTUNE_IDENTITY: return map(identity, x, destination, count);
    case ATTUNE_RELU: return map(relu, x, destination, count);
    case ATTUNE_GELU: return map(gelu, x, destination, count);
    case ATTUNE_GELU_TANH: return map(gelu_tanh, x, destination, count);
    case ATTUNE_TANH: return map(hyperbolic_tangent, x, destination, count);
    case ATTUNE_SIGMOID: return map(logistic, x, destination, count);
    case ATTUNE_SILU: return map(silu, x, destination, count);
    case ATTUNE_QUICK_GELU: return map(quick_gelu, x, destination, count);
    case ATTUNE_MISH: return map(mish, x, destination, count);
  }
}

INLINE void map_backward(VectorFunction *slope, const REAL *x, const REAL *gradient, REAL *destination, size_t count) {
  FOR_LANES(i, n, count, put(destination + i, n, get(gradient + i, n) * slope(get(x + i, n))););
}

static void activate_backward(attune_activation f, const REAL *x, const REAL *gradient, REAL *destination,
                              size_t count) {
  switch (f) {
    case ATTUNE_IDENTITY: return map(identity, gradient, destination, count);
    case ATTUNE_RELU: return map_backward(relu_slope, x, gradient, destination, count);
    case ATTUNE_GELU: return map_backward(gelu_slope, x, gradient, destination, count);
    case ATTUNE_GELU_TANH: return map_backward(gelu_tanh_slope, x, gradient, destination, count);
    case ATTUNE_TANH: return map_backward(tanh_slope, x, gradient, destination, count);
    case ATTUNE_SIGMOID: return map_backward(logistic_slope, x, gradient, destination, count);
    case ATTUNE_SILU: return map_backward(silu_slope, x, gradient, destination, count);
    case ATTUNE_QUICK_GELU: return map_backward(quick_gelu_slope, x, gradient, destination, count);
    case ATTUNE_MISH: return map_backward(mish_slope, x, gradient, destination, count);
  }
}

/// activated = f(x) and gradient *= f'(x) in one pass: the two have their dear part in common.
INLINE void map_both(VectorFunction *f, VectorFunction *slope, const REAL *x, REAL *activated, REAL *gradient,
                     size_t count) {
  FOR_LANES(i, n, count, {
    Vector here = get(x + i, n);
    put(activated + i, n, f(here));
    put(gradient + i, n, get(gradient + i, n) * slope(here));
  });
}

static void activate_both(attune_activation f, const REAL *x, REAL *activated, REAL *gradient, size_t count) {
  switch (f) {
    case ATTUNE_IDENTITY: return map(identity, x, activated, count);
    case ATTUNE_RELU: return map_both(relu, relu_slope, x, activated, gradient, count);
    case ATTUNE_GELU: return map_both(gelu, gelu_slope, x, activated, gradient, count);
    case ATTUNE_GELU_TANH: return map_both(gelu_tanh, gelu_tanh_slope, x, activated, gradient, count);
    case ATTUNE_TANH: return map_both(hyperbolic_tangent, tanh_slope, x, activated, gradient, count);
    case ATTUNE_SIGMOID: return map_both(logistic, logistic_slope, x, activated, gradient, count);
    case ATTUNE_SILU: return map_both(silu, silu_slope, x, activated, gradient, count);
    case ATTUNE_QUICK_GELU: return map_both(quick_gelu, quick_gelu_slope, x, activated, gradient, count);
    case ATTUNE_MISH: return map_both(mish, mish_slope, x, activated, gradient, count);
  }
}

/// values += bias (NULL: nothing), and activated = f(values) where activated is not NULL.
INLINE void map_biased(VectorFunction *f, REAL *values, const REAL *bias, REAL *activated, size_t columns) {
  FOR_LANES(i, n, columns, {
    Vector biased = get(values + i, n);
    if (bias) {
      biased += get(bias + i, n);
      put(values + i, n, biased);
    }
    if (activated) put(activated + i, n, f(biased));
  });
}

static void bias_activate(attune_activation f, REAL *values, size_t values_leading, const REAL *bias, REAL *activated,
                          size_t activated_leading, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    REAL *row = values + r * values_leading;
    REAL *result = activated ? activated + r * activated_leading : NULL;
    if (!result || f == ATTUNE_IDENTITY) {
      map_biased(identity, row, bias, result, columns);
    } else if (!bias) {
      activate(f, row, result, columns);
    } else {
      switch (f) {
        case ATTUNE_IDENTITY: break;
        case ATTUNE_RELU: map_biased(relu, row, bias, result, columns); break;
        case ATTUNE_GELU: map_biased(gelu, row, bias, result, columns); break;
        case ATTUNE_GELU_TANH: map_biased(gelu_tanh, row, bias, result, columns); break;
        case ATTUNE_TANH: map_biased(hyperbolic_tangent, row, bias, result, columns); break;
        case ATTUNE_SIGMOID: map_biased(logistic, row, bias, result, columns); break;
        case ATTUNE_SILU: map_biased(silu, row, bias, result, columns); break;
        case ATTUNE_QUICK_GELU: map_biased(quick_gelu, row, bias, result, columns); break;
        case ATTUNE_MISH: map_biased(mish, row, bias, result, columns); break;
      }
    }
  }
}
