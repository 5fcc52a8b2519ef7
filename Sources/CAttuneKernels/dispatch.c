// SPDX-License-Identifier: Apache-2.0
//
// The public functions: each calls its namesake in the table of the precision and the current level.

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "forced.h"
#include "levels.h"

typedef struct {
  attune_level level;
  const char *name;
  const attune_float_functions *single;
  const attune_double_functions *twofold;
  const attune_short_functions *bfloat;
  const attune_integer_functions *integer;
} level_functions;

/// From the lowest to the highest.
static const level_functions levels[] = {
    {ATTUNE_LEVEL_BASELINE, "baseline", &attune_float_baseline, &attune_double_baseline, &attune_bfloat_baseline,
     &attune_integer_baseline},
#if defined(__x86_64__)
    {ATTUNE_LEVEL_AVX2, "avx2", &attune_float_avx2, &attune_double_avx2, &attune_bfloat_avx2, &attune_integer_avx2},
    {ATTUNE_LEVEL_AVX2_VNNI, "avx2vnni", &attune_float_avx2, &attune_double_avx2, &attune_bfloat_avx2,
     &attune_integer_avx2_vnni},
    {ATTUNE_LEVEL_AVX512, "avx512", &attune_float_avx512, &attune_double_avx512, &attune_bfloat_avx512,
     &attune_integer_avx512},
    {ATTUNE_LEVEL_AVX512_VNNI, "avx512vnni", &attune_float_avx512, &attune_double_avx512, &attune_bfloat_avx512,
     &attune_integer_avx512_vnni},
    {ATTUNE_LEVEL_AVX512_BF16, "avx512bf16", &attune_float_avx512, &attune_double_avx512, &attune_bfloat_avx512_bf16,
     &attune_integer_avx512_vnni},
#endif
};

enum { LEVEL_COUNT = sizeof levels / sizeof levels[0] };

static _Atomic(const level_functions *) current;
static _Thread_local const level_functions *forced;

// What the code of a level is compiled for; the higher of two neighbours need not include the lower.
static unsigned features_of(attune_level level) {
  const unsigned avx512_vnni = ATTUNE_FEATURE_V4 | ATTUNE_FEATURE_AVX512_VNNI;
  switch (level) {
    case ATTUNE_LEVEL_BASELINE: return 0;
    case ATTUNE_LEVEL_AVX2: return ATTUNE_FEATURE_V3;
    case ATTUNE_LEVEL_AVX2_VNNI: return ATTUNE_FEATURE_V3 | ATTUNE_FEATURE_AVX_VNNI;
    case ATTUNE_LEVEL_AVX512: return ATTUNE_FEATURE_V4;
    case ATTUNE_LEVEL_AVX512_VNNI: return avx512_vnni;
    case ATTUNE_LEVEL_AVX512_BF16: return avx512_vnni | ATTUNE_FEATURE_AVX512_BF16;
  }
  return ~0u;
}

unsigned attune_processor_features(void) {
  unsigned features = 0;
#if defined(__x86_64__)
  // What the operating system does not save at a change of threads counts as absent here.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v3")) features |= ATTUNE_FEATURE_V3;
  if (__builtin_cpu_supports("avxvnni")) features |= ATTUNE_FEATURE_AVX_VNNI;
  if (__builtin_cpu_supports("x86-64-v4")) features |= ATTUNE_FEATURE_V4;
  if (__builtin_cpu_supports("avx512vnni")) features |= ATTUNE_FEATURE_AVX512_VNNI;
  if (__builtin_cpu_supports("avx512bf16")) features |= ATTUNE_FEATURE_AVX512_BF16;
#endif
  return features;
}

static const level_functions *highest_with(unsigned features, attune_level level) {
  size_t index = LEVEL_COUNT;
  while (--index > 0)
    if (levels[index].level <= level && !(features_of(levels[index].level) & ~features)) break;
  return &levels[index];
}

attune_level attune_level_with(unsigned features, attune_level level) { return highest_with(features, level)->level; }

int attune_supports_level(attune_level level) { return !(features_of(level) & ~attune_processor_features()); }

static const level_functions *highest_up_to(attune_level level) {
  return highest_with(attune_processor_features(), level);
}

attune_level attune_supported_level(void) { return highest_up_to(ATTUNE_LEVEL_AVX512_BF16)->level; }

void attune_force_level(attune_level level) { forced = highest_up_to(level); }

void attune_release_level(void) { forced = NULL; }

const void *attune_forced(void) { return forced; }

void attune_adopt_forced(const void *functions) { forced = functions; }

/// The dot product of BFloat16 takes four times as long as that of integers on Intel's processors, which have another
/// unit for it, and half as long as a multiplication of floats on AMD's and on one of Intel's.
static attune_level fastest_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_is("intel") && !__builtin_cpu_is("cooperlake")) return ATTUNE_LEVEL_AVX512_VNNI;
#endif
  return ATTUNE_LEVEL_AVX512_BF16;
}

const char *attune_level_name(attune_level level) {
  for (size_t index = 0; index < LEVEL_COUNT; index++)
    if (levels[index].level == level) return levels[index].name;
  return "unknown";
}

int attune_level_named(const char *name, attune_level *level) {
  for (size_t index = 0; index < LEVEL_COUNT; index++) {
    if (strcmp(name, levels[index].name) != 0) continue;
    *level = levels[index].level;
    return true;
  }
  return false;
}

const char *attune_level_problem(const char *wanted) {
  attune_level level;
  if (!wanted || !*wanted) return NULL;
  if (!attune_level_named(wanted, &level))
    return LEVEL_COUNT == 1 ? "expected baseline"
                            : "expected one of baseline, avx2, avx2vnni, avx512, avx512vnni, avx512bf16";
  return attune_supports_level(level) ? NULL : "which this processor lacks";
}

static const level_functions *choose_level(void) {
  attune_level level = fastest_level();
  const char *wanted = getenv("ATTUNE_INSTRUCTION_LEVEL"), *problem = attune_level_problem(wanted);
  if (wanted && *wanted) attune_level_named(wanted, &level);
  const level_functions *chosen = highest_up_to(level);
  if (problem)
    fprintf(stderr, "warning: ATTUNE_INSTRUCTION_LEVEL is '%s', %s; %s is used.\n", wanted, problem, chosen->name);
  atomic_store_explicit(&current, chosen, memory_order_release);
  return chosen;
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

void attune_transpose(attune_precision precision, const void *x, void *destination, size_t leading, size_t rows,
                      size_t columns) {
  CALL(precision, transpose_rows, x, destination, leading, rows, columns);
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

void attune_attend_one(attune_precision precision, const void *query, const void *keys, const void *values,
                       const int32_t *slots, size_t count, size_t heads, size_t width, double scale, void *weights,
                       void *result) {
  CALL(precision, attend_one, query, keys, values, slots, count, heads, width, scale, weights, result);
}

void attune_best_scores(attune_precision precision, const void *x, size_t count, size_t wanted, int32_t *places,
                        void *scores) {
  CALL(precision, best_scores, x, count, wanted, places, scores);
}

size_t attune_contending_panels(attune_precision precision, const void *scores, const void *lengths, size_t count,
                                const void *row, size_t depth, double stray, double slack, int32_t *panels) {
  return CALL(precision, contending_panels, scores, lengths, count, row, depth, stray, slack, panels);
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

void attune_adamw(attune_precision precision, const attune_adamw_settings *settings, size_t steps,
                  const void *gradient, void *parameter, void *first_moment, void *second_moment, size_t count) {
  CALL(precision, adamw, settings, steps, gradient, parameter, first_moment, second_moment, count);
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

static const attune_short_functions *short_functions(attune_short_format format) {
  return format == ATTUNE_BFLOAT16 ? functions()->bfloat : &functions()->integer->int16;
}

size_t attune_short_panel_size(attune_short_format format, size_t k) {
  return short_functions(format)->panel_size(k) * sizeof(int32_t);
}

void attune_short_pack(attune_short_format format, int transposed, const float *b, size_t leading, size_t n, size_t k,
                       void *packed) {
  short_functions(format)->pack(transposed, b, leading, n, k, packed);
}

void attune_short_gemm(attune_short_format format, int a_transposed, size_t m, size_t n, size_t k, const float *a,
                       size_t a_leading, const void *packed, int accumulate, const float *bias, attune_activation f,
                       float *c, size_t c_leading) {
  short_functions(format)->product(a_transposed, m, n, k, a, a_leading, packed, accumulate, bias, f, c, c_leading);
}

void attune_int8_quantize(const float *x, size_t leading, size_t rows, size_t columns, int8_t *integers,
                          float *scales) {
  functions()->integer->int8_quantize(x, leading, rows, columns, integers, scales);
}

size_t attune_int8_packed_size(size_t n, size_t k) {
  return (n + ATTUNE_PANEL - 1) / ATTUNE_PANEL * functions()->integer->int8_panel_size(k) * sizeof(int32_t);
}

void attune_int8_pack(const int8_t *weight, const float *scales, size_t n, size_t k, void *packed) {
  functions()->integer->int8_pack(weight, scales, n, k, packed);
}

void attune_int8_unpack(const void *packed, size_t n, size_t k, int8_t *weight, float *scales) {
  functions()->integer->int8_unpack(packed, n, k, weight, scales);
}

void attune_int8_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const void *packed,
                      const float *bias, attune_activation f, float *c, size_t c_leading) {
  functions()->integer->int8_product(m, n, k, a, a_leading, packed, bias, f, c, c_leading);
}

double attune_peak(attune_peak_kind kind, size_t rounds) {
  switch (kind) {
    case ATTUNE_PEAK_FLOAT32: return functions()->single->peak(rounds);
    case ATTUNE_PEAK_BFLOAT16: return functions()->bfloat->peak(rounds);
    case ATTUNE_PEAK_INT16: return functions()->integer->int16.peak(rounds);
    case ATTUNE_PEAK_INT8: return functions()->integer->int8_peak(rounds);
  }
  return 0;
}
