// SPDX-License-Identifier: Apache-2.0

/// One step in the precision it is made in.
typedef struct {
  REAL beta1, rest1, beta2, rest2, keep, step, root, epsilon, by;
} AdamWNumbers;

static AdamWNumbers adamw_numbers(const attune_adamw_settings *settings) {
  return (AdamWNumbers){
      .beta1 = (REAL)settings->beta1,
      .rest1 = (REAL)(1 - settings->beta1),
      .beta2 = (REAL)settings->beta2,
      .rest2 = (REAL)(1 - settings->beta2),
      .keep = (REAL)(1 - settings->learning_rate * settings->weight_decay),
      .step = (REAL)(settings->learning_rate / settings->correction1),
      .root = (REAL)(1 / sqrt(settings->correction2)),
      .epsilon = (REAL)settings->epsilon,
      .by = (REAL)settings->gradient_scale,
  };
}

INLINE void make_adamw_step(const AdamWNumbers *numbers, Vector slope, Vector *parameter, Vector *first,
                            Vector *second) {
  *first = *first * numbers->beta1 + slope * numbers->rest1;
  *second = *second * numbers->beta2 + slope * slope * numbers->rest2;
  Vector change = *first * numbers->step / (square_root(*second) * numbers->root + numbers->epsilon);
  *parameter = *parameter * numbers->keep - change;
}

static void adamw(const attune_adamw_settings *settings, size_t steps, const REAL *gradient, REAL *parameter,
                  REAL *first_moment, REAL *second_moment, size_t count) {
  AdamWNumbers numbers[ATTUNE_MOST_STEPS];
  bool stays = true;  // whether an element without moments and gradient only decays
  for (size_t s = 0; s < steps; s++) {
    numbers[s] = adamw_numbers(settings + s);
    stays &= numbers[s].epsilon > 0;
  }
  size_t without_gradient = gradient ? steps - 1 : steps;
  FOR_LANES(i, n, count, {
    Vector value = get(parameter + i, n);
    Vector first = get(first_moment + i, n);
    Vector second = get(second_moment + i, n);
    if (stays && without_gradient > 0 && !__builtin_reduce_or((Mask)first | (Mask)second)) {
      for (size_t s = 0; s < without_gradient; s++) value *= numbers[s].keep;
    } else {
      for (size_t s = 0; s < without_gradient; s++)
        make_adamw_step(&numbers[s], splat(0), &value, &first, &second);
    }
    if (gradient) {
      const AdamWNumbers *last = &numbers[without_gradient];
      make_adamw_step(last, get(gradient + i, n) * last->by, &value, &first, &second);
    }
    put(parameter + i, n, value);
    put(first_moment + i, n, first);
    put(second_moment + i, n, second);
  });
}
