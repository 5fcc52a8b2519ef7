// SPDX-License-Identifier: Apache-2.0
//
// The public functions: each calls its namesake in the table of the precision and the current level.

#include <stdatomic.h>
#include <stdlib.h>

#include "levels.h"

typedef struct {
  attune_level level;
  const attune_float_functions *single;
  const attune_double_functions *twofold;
} level_functions;

static const level_functions levels[] = {
    {ATTUNE_LEVEL_BASELINE, &attune_float_baseline, &attune_double_baseline},
#if defined(__x86_64__)
    {ATTUNE_LEVEL_AVX2, &attune_float_avx2, &attune_double_avx2},
    {ATTUNE_LEVEL_AVX512, &attune_float_avx512, &attune_double_avx512},
#endif
};

static _Atomic(const level_functions *) current;
static _Thread_local const level_functions *forced;

attune_level attune_supported_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return ATTUNE_LEVEL_AVX512;
  if (__builtin_cpu_supports("x86-64-v3")) return ATTUNE_LEVEL_AVX2;
#endif
  return ATTUNE_LEVEL_BASELINE;
}

static const level_functions *highest_up_to(attune_level level) {
  attune_level highest = attune_supported_level();
  return &levels[level < highest ? level : highest];
}

void attune_force_level(attune_level level) { forced = highest_up_to(level); }

void attune_release_level(void) { forced = NULL; }

static const level_functions *choose_level(void) {
  attune_level level = ATTUNE_LEVEL_AVX512;
  const char *wanted = getenv("ATTUNE_INSTRUCTION_LEVEL");
  if (wanted && strcmp(wanted, "baseline") == 0) level = ATTUNE_LEVEL_BASELINE;
  if (wanted && strcmp(wanted, "avx2") == 0) level = ATTUNE_LEVEL_AVX2;
  atomic_store_explicit(&current, highest_up_to(level), memory_order_release);
  return highest_up_to(level);
}

static inline const level_functions *functions(void) {
  if (forced) return forced;
  const level_functions *chosen = atomic_load_explicit(&current, memory_order_acquire);
  return chosen ? chosen : choose_level();
}

attune_level attune_current_level(void) { return functions()->level; }

#define CALL(precision, name, ...)                                                       \
  ((precision) == ATTUNE_FLOAT32 ? functions()->single->name(__VA_ARGS__)                \
                                 : functions()->twofold->name(__VA_ARGS__))

void attune_fill(attune_precision precision, void *destination, double value, size_t count) {
  CALL(precision, fill, destination, value, count);
}

void attune_add(attune_precision precision, const void *a, const void *b, void *destination, size_t count) {
  CALL(precision, add, a, b, destination, count);
}

void attune_multiply(attune_precision precision, const void *a, const void *b, void *destination, size_t count) {
  CALL(precision, multiply, a, b, destination, count);
}

void attune_scale(attune_precision precision, double scale, const void *x, void *destination, size_t count) {
  CALL(precision, scale, scale, x, destination, count);
}

void attune_add_scaled(attune_precision precision, double scale, const void *x, void *destination, size_t count) {
  CALL(precision, add_scaled, scale, x, destination, count);
}

double attune_sum(attune_precision precision, const void *x, size_t count) {
  return CALL(precision, sum, x, count);
}

double attune_sum_of_squares(attune_precision precision, const void *x, size_t count) {
  return CALL(precision, sum_of_squares, x, count);
}

double attune_dot(attune_precision precision, const void *a, const void *b, size_t count) {
  return CALL(precision, dot, a, b, count);
}

void attune_activate(attune_precision precision, attune_activation f, const void *x, void *destination, size_t count) {
  CALL(precision, activate, f, x, destination, count);
}

void attune_activate_backward(attune_precision precision, attune_activation f, const void *x, const void *gradient,
                              void *destination, size_t count) {
  CALL(precision, activate_backward, f, x, gradient, destination, count);
}

void attune_activate_both(attune_precision precision, attune_activation f, const void *x, void *activated,
                          void *gradient, size_t count) {
  CALL(precision, activate_both, f, x, activated, gradient, count);
}

void attune_bias_activate(attune_precision precision, attune_activation f, void *values, size_t values_leading,
                          const void *bias, void *activated, size_t activated_leading, size_t rows, size_t columns) {
  CALL(precision, bias_activate, f, values, values_leading, bias, activated, activated_leading, rows, columns);
}

void attune_activate_gated(attune_precision precision, attune_activation f, const void *sums, void *gated, size_t rows,
                           size_t width) {
  CALL(precision, activate_gated, f, sums, gated, rows, width);
}

void attune_activate_gated_backward(attune_precision precision, attune_activation f, const void *sums,
                                    const void *gradient, void *sum_gradient, void *gated, size_t rows,
                                    size_t width) {
  CALL(precision, activate_gated_backward, f, sums, gradient, sum_gradient, gated, rows, width);
}

void attune_dropout(attune_precision precision, uint64_t key, uint64_t first, double rate, const void *x,
                    void *destination, size_t count) {
  CALL(precision, dropout, key, first, rate, x, destination, count);
}

void attune_add_dropout(attune_precision precision, uint64_t key, uint64_t first, double rate, const void *residual,
                        const void *x, void *destination, size_t count) {
  CALL(precision, add_dropout, key, first, rate, residual, x, destination, count);
}

void attune_layer_norm(attune_precision precision, const void *residual, const void *x, uint64_t key, uint64_t first,
                       double rate, const void *weight, const void *bias, double epsilon, void *sum, void *result,
                       void *mean, void *reciprocal_deviation, size_t rows, size_t columns) {
  CALL(precision, layer_norm, residual, x, key, first, rate, weight, bias, epsilon, sum, result, mean,
       reciprocal_deviation, rows, columns);
}

void attune_layer_norm_backward(attune_precision precision, const void *gradient, const void *sum, const void *mean,
                                const void *reciprocal_deviation, const void *weight, void *input_gradient,
                                void *weight_gradient, void *bias_gradient, size_t rows, size_t columns) {
  CALL(precision, layer_norm_backward, gradient, sum, mean, reciprocal_deviation, weight, input_gradient,
       weight_gradient, bias_gradient, rows, columns);
}

void attune_column_sums(attune_precision precision, const void *x, size_t leading, void *destination, size_t rows,
                        size_t columns) {
  CALL(precision, column_sums, x, leading, destination, rows, columns);
}

void attune_column_dots(attune_precision precision, const void *a, const void *b, void *destination, size_t rows,
                        size_t columns) {
  CALL(precision, column_dots, a, b, destination, rows, columns);
}

void attune_scale_columns(attune_precision precision, const void *x, const void *scale, const void *shift,
                          void *destination, size_t rows, size_t columns) {
  CALL(precision, scale_columns, x, scale, shift, destination, rows, columns);
}

void attune_scale_rows(attune_precision precision, const void *x, const void *scale, void *destination, size_t rows,
                       size_t columns) {
  CALL(precision, scale_rows, x, scale, destination, rows, columns);
}

void attune_row_dots(attune_precision precision, const void *a, size_t a_leading, const void *b, size_t b_leading,
                     void *result, size_t rows, size_t columns) {
  CALL(precision, row_dots, a, a_leading, b, b_leading, result, rows, columns);
}

void attune_gather_rows(attune_precision precision, const void *const *tables, const int32_t *const *ids,
                        size_t table_count, void *destination, size_t rows, size_t columns) {
  CALL(precision, gather_rows, tables, ids, table_count, destination, rows, columns);
}

void attune_sum_rows(attune_precision precision, const void *x, const int32_t *order, const int32_t *starts,
                     void *destination, size_t groups, size_t columns) {
  CALL(precision, sum_rows, x, order, starts, destination, groups, columns);
}

void attune_transpose(attune_precision precision, const void *x, void *destination, size_t rows, size_t columns) {
  CALL(precision, transpose_rows, x, destination, rows, columns);
}

void attune_segment_mean(attune_precision precision, const void *x, const int64_t *offsets, void *destination,
                         size_t segments, size_t columns) {
  CALL(precision, segment_mean, x, offsets, destination, segments, columns);
}

void attune_segment_max(attune_precision precision, const void *x, const int64_t *offsets, void *destination,
                        int32_t *winners, size_t segments, size_t columns) {
  CALL(precision, segment_max, x, offsets, destination, winners, segments, columns);
}

void attune_softmax(attune_precision precision, double scale, const void *x, void *destination, size_t rows,
                    size_t columns) {
  CALL(precision, softmax, scale, x, destination, rows, columns);
}

void attune_softmax_backward(attune_precision precision, const void *probabilities, const void *gradient,
                             void *destination, size_t rows, size_t columns) {
  CALL(precision, softmax_backward, probabilities, gradient, destination, rows, columns);
}

void attune_log_sum_exp(attune_precision precision, const void *x, size_t leading, void *result, size_t rows,
                        size_t columns) {
  CALL(precision, log_sum_exp, x, leading, result, rows, columns);
}

void attune_cross_entropy(attune_precision precision, const void *logits, size_t leading, const void *log_sum_exp,
                          const int32_t *targets, double smoothing, const void *row_weights, void *losses, size_t rows,
                          size_t columns) {
  CALL(precision, cross_entropy, logits, leading, log_sum_exp, targets, smoothing, row_weights, losses, rows, columns);
}

void attune_cross_entropy_backward(attune_precision precision, void *logits, size_t leading, const void *log_sum_exp,
                                   const int32_t *targets, double smoothing, const void *row_weights, double scale,
                                   size_t rows, size_t columns) {
  CALL(precision, cross_entropy_backward, logits, leading, log_sum_exp, targets, smoothing, row_weights, scale, rows,
       columns);
}

void attune_attention_softmax(attune_precision precision, const attune_score_block *block, void *scores, size_t leading,
                              void *maxima, void *sums, void *corrections, size_t rows, size_t columns) {
  CALL(precision, attention_softmax, block, scores, leading, maxima, sums, corrections, rows, columns);
}

void attune_attention_rescale(attune_precision precision, void *accumulated, size_t leading, const void *corrections,
                              size_t rows, size_t columns) {
  CALL(precision, attention_rescale, accumulated, leading, corrections, rows, columns);
}

void attune_attention_finish(attune_precision precision, void *output, size_t leading, const void *maxima,
                             const void *sums, void *log_sum_exp, size_t rows, size_t columns) {
  CALL(precision, attention_finish, output, leading, maxima, sums, log_sum_exp, rows, columns);
}

void attune_attention_backward(attune_precision precision, const attune_score_block *block, void *scores,
                               void *value_products, size_t leading, const void *log_sum_exp, const void *delta,
                               void *bias_gradient, size_t rows, size_t columns) {
  CALL(precision, attention_backward, block, scores, value_products, leading, log_sum_exp, delta, bias_gradient, rows,
       columns);
}

void attune_rotate(attune_precision precision, const void *x, const void *turns, const int32_t *places,
                   double direction, void *destination, size_t rows, size_t heads, size_t half) {
  CALL(precision, rotate, x, turns, places, direction, destination, rows, heads, half);
}

void attune_lstm_step(attune_precision precision, void *gates, const void *previous_cell, void *cell, void *hidden,
                      size_t rows, size_t units) {
  CALL(precision, lstm_step, gates, previous_cell, cell, hidden, rows, units);
}

void attune_lstm_step_backward(attune_precision precision, const void *gates, const void *previous_cell,
                               const void *cell, const void *hidden_gradient, const void *cell_gradient,
                               void *gate_gradients, void *previous_cell_gradient, size_t rows, size_t units) {
  CALL(precision, lstm_step_backward, gates, previous_cell, cell, hidden_gradient, cell_gradient, gate_gradients,
       previous_cell_gradient, rows, units);
}

void attune_adamw(attune_precision precision, const attune_adamw_settings *settings, const void *gradient,
                  void *parameter, void *first_moment, void *second_moment, size_t count) {
  CALL(precision, adamw, settings, gradient, parameter, first_moment, second_moment, count);
}

void attune_small_gemm(attune_precision precision, int transposes, size_t m, size_t n, size_t k, double alpha,
                       const void *a, size_t a_leading, const void *b, size_t b_leading, double beta, void *c,
                       size_t c_leading) {
  CALL(precision, small_product, transposes, m, n, k, alpha, a, a_leading, b, b_leading, beta, c, c_leading);
}

void attune_convert(attune_precision from, const void *source, attune_precision to, void *destination, size_t count) {
  if (to == ATTUNE_FLOAT32) {
    CALL(from, convert_to_float, source, destination, count);
  } else {
    CALL(from, convert_to_double, source, destination, count);
  }
}

size_t attune_packed_size(size_t n, size_t k) {
  return (n + ATTUNE_PANEL - 1) / ATTUNE_PANEL * ATTUNE_PANEL * k;
}

void attune_pack(const float *weight, size_t leading, size_t n, size_t k, float *packed) {
  functions()->single->pack(1, weight, leading, n, k, packed);
}

void attune_pack_factor(int transposed, const float *b, size_t leading, size_t n, size_t k, float *packed) {
  functions()->single->pack(transposed, b, leading, n, k, packed);
}

void attune_blocked_gemm(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                         const float *packed, int accumulate, float *c, size_t c_leading) {
  functions()->single->blocked_product(a_transposed, m, n, k, a, a_leading, packed, accumulate, c, c_leading);
}

void attune_packed_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const float *packed,
                        const float *bias, attune_activation f, float *c, size_t c_leading) {
  functions()->single->packed_product(m, n, k, a, a_leading, packed, bias, f, c, c_leading);
}
