// SPDX-License-Identifier: Apache-2.0

static void adamw(const attune_adamw_settings *settings, const REAL *gradient, REAL *parameter, REAL *first_moment,
                  REAL *second_moment, size_t count) {
  REAL beta1 = (REAL)settings->beta1, rest1 = (REAL)(1 - settings->beta1);
  REAL beta2 = (REAL)settings->beta2, rest2 = (REAL)(1 - settings->beta2);
  REAL keep = (REAL)(1 - settings->learning_rate * settings->weight_decay);
  REAL step = (REAL)(settings->learning_rate / settings->correction1);
  REAL root = (REAL)(1 / sqrt(settings->correction2));
  REAL epsilon = (REAL)settings->epsilon, by = (REAL)settings->gradient_scale;
  FOR_LANES(i, n, count, {
    Vector slope = gradient ? get(gradient + i, n) * by : splat(0);
    Vector first = get(first_moment + i, n) * beta1 + slope * rest1;
    Vector second = get(second_moment + i, n) * beta2 + slope * slope * rest2;
    put(first_moment + i, n, first);
    put(second_moment + i, n, second);
    Vector change = first * step / (square_root(second) * root + epsilon);
    put(parameter + i, n, get(parameter + i, n) * keep - change);
  });
}
