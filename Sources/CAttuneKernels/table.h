// SPDX-License-Identifier: Apache-2.0
//
// The functions of one precision at one level. Included with REAL defined.

// X(result, name, parameters)
#define ATTUNE_FUNCTIONS(X)                                                                                            \
  X(void, fill, (REAL *, double, size_t))                                                                              \
  X(void, add, (const REAL *, const REAL *, REAL *, size_t))                                                           \
  X(void, multiply, (const REAL *, const REAL *, REAL *, size_t))                                                      \
  X(void, scale, (double, const REAL *, REAL *, size_t))                                                               \
  X(void, add_scaled, (double, const REAL *, REAL *, size_t))                                                          \
  X(double, sum, (const REAL *, size_t))                                                                               \
  X(double, sum_of_squares, (const REAL *, size_t))                                                                    \
  X(double, dot, (const REAL *, const REAL *, size_t))                                                                 \
  X(void, convert_to_float, (const REAL *, float *, size_t))                                                           \
  X(void, convert_to_double, (const REAL *, double *, size_t))                                                         \
  X(void, activate, (attune_activation, const REAL *, REAL *, size_t))                                                 \
  X(void, activate_backward, (attune_activation, const REAL *, const REAL *, REAL *, size_t))                          \
  X(void, activate_both, (attune_activation, const REAL *, REAL *, REAL *, size_t))                                    \
  X(void, bias_activate, (attune_activation, REAL *, size_t, const REAL *, REAL *, size_t, size_t, size_t))            \
  X(void, activate_gated, (attune_activation, const REAL *, REAL *, size_t, size_t))                                   \
  X(void, activate_gated_backward,                                                                                     \
    (attune_activation, const REAL *, const REAL *, REAL *, REAL *, size_t, size_t))                                   \
  X(void, dropout, (uint64_t, uint64_t, double, const REAL *, REAL *, size_t))                                         \
  X(void, add_dropout, (uint64_t, uint64_t, double, const REAL *, const REAL *, REAL *, size_t))                       \
  X(void, layer_norm,                                                                                                  \
    (const REAL *, const REAL *, uint64_t, uint64_t, double, const REAL *, const REAL *, double, REAL *, REAL *,       \
     REAL *, REAL *, size_t, size_t))                                                                                  \
  X(void, layer_norm_backward,                                                                                         \
    (const REAL *, const REAL *, const REAL *, const REAL *, const REAL *, REAL *, REAL *, REAL *, size_t, size_t))    \
  X(void, column_sums, (const REAL *, size_t, REAL *, size_t, size_t))                                                 \
  X(void, column_dots, (const REAL *, const REAL *, REAL *, size_t, size_t))                                           \
  X(void, scale_columns, (const REAL *, const REAL *, const REAL *, REAL *, size_t, size_t))                           \
  X(void, scale_rows, (const REAL *, const REAL *, REAL *, size_t, size_t))                                            \
  X(void, row_dots, (const REAL *, size_t, const REAL *, size_t, REAL *, size_t, size_t))                              \
  X(void, gather_rows, (const void *const *, const int32_t *const *, size_t, REAL *, size_t, size_t))                  \
  X(void, sum_rows, (const REAL *, const int32_t *, const int32_t *, REAL *, size_t, size_t))                          \
  X(void, transpose_rows, (const REAL *, REAL *, size_t, size_t, size_t))                                              \
  X(void, segment_mean, (const REAL *, const int64_t *, REAL *, size_t, size_t))                                       \
  X(void, segment_max, (const REAL *, const int64_t *, REAL *, int32_t *, size_t, size_t))                             \
  X(void, softmax, (double, const REAL *, REAL *, size_t, size_t))                                                     \
  X(void, softmax_backward, (const REAL *, const REAL *, REAL *, size_t, size_t))                                      \
  X(void, log_sum_exp, (const REAL *, size_t, REAL *, size_t, size_t))                                                 \
  X(void, cross_entropy,                                                                                               \
    (const REAL *, size_t, const REAL *, const int32_t *, double, const REAL *, REAL *, size_t, size_t))               \
  X(void, cross_entropy_backward,                                                                                      \
    (REAL *, size_t, const REAL *, const int32_t *, double, const REAL *, double, size_t, size_t))                     \
  X(void, attention_softmax,                                                                                           \
    (const attune_score_block *, REAL *, size_t, REAL *, REAL *, REAL *, size_t, size_t))                              \
  X(void, attention_rescale, (REAL *, size_t, const REAL *, size_t, size_t))                                           \
  X(void, attention_finish, (REAL *, size_t, const REAL *, const REAL *, REAL *, size_t, size_t))                      \
  X(void, attention_backward,                                                                                          \
    (const attune_score_block *, REAL *, REAL *, size_t, const REAL *, const REAL *, REAL *, size_t, size_t))          \
  X(void, attend_one,                                                                                                  \
    (const REAL *, const REAL *, const REAL *, const int32_t *, size_t, size_t, size_t, double, REAL *, REAL *))       \
  X(void, best_scores, (const REAL *, size_t, size_t, int32_t *, REAL *))                                              \
  X(size_t, contending_panels,                                                                                         \
    (const REAL *, const REAL *, size_t, const REAL *, size_t, double, double, int32_t *))                             \
  X(void, rotate, (const REAL *, const REAL *, const int32_t *, double, REAL *, size_t, size_t, size_t))               \
  X(void, lstm_step, (REAL *, const REAL *, REAL *, REAL *, size_t, size_t))                                           \
  X(void, lstm_step_backward,                                                                                          \
    (const REAL *, const REAL *, const REAL *, const REAL *, const REAL *, REAL *, REAL *, size_t, size_t))            \
  X(void, adamw, (const attune_adamw_settings *, size_t, const REAL *, REAL *, REAL *, REAL *, size_t))                \
  X(void, small_product,                                                                                               \
    (int, size_t, size_t, size_t, double, const REAL *, size_t, const REAL *, size_t, double, REAL *, size_t))

#define ATTUNE_FIELD(result, name, parameters) result(*name) parameters;
#define ATTUNE_ENTRY(result, name, parameters) .name = name,
