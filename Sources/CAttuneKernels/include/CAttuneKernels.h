// SPDX-License-Identifier: Apache-2.0
//
// The loops behind the tensor operations. Every numeric function is compiled from one body for `float` and `double`
// and for three instruction levels; the level is chosen once, when the first function is called.
//
// Conventions: matrices are row-major; `leading` is the distance between rows, in elements; pointers may not overlap
// unless a comment allows it; every function is serial and pure (threads are the caller's matter), and its result
// does not depend on how the caller cuts rows into calls.

#ifndef ATTUNE_KERNELS_H
#define ATTUNE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Instruction levels -----------------------------------------------------------------------------------------

typedef enum {
  ATTUNE_LEVEL_BASELINE = 0,     // SSE2 on x86-64, NEON on arm64, plain C elsewhere
  ATTUNE_LEVEL_AVX2 = 1,         // AVX2 and FMA
  ATTUNE_LEVEL_AVX2_VNNI = 2,    // and dot products of integers
  ATTUNE_LEVEL_AVX512 = 3,       // x86-64-v4
  ATTUNE_LEVEL_AVX512_VNNI = 4,  // and dot products of integers
  ATTUNE_LEVEL_AVX512_BF16 = 5   // and dot products of BFloat16
} attune_level;

/// Sets of instructions that levels ask for, as bits.
typedef enum {
  ATTUNE_FEATURE_V3 = 1,  // x86-64-v3: AVX2, FMA and their like
  ATTUNE_FEATURE_AVX_VNNI = 2,
  ATTUNE_FEATURE_V4 = 4,  // x86-64-v4: AVX-512 F, BW, CD, DQ, VL
  ATTUNE_FEATURE_AVX512_VNNI = 8,
  ATTUNE_FEATURE_AVX512_BF16 = 16
} attune_feature;

/// Those that this processor and its operating system have.
unsigned attune_processor_features(void);
/// The highest level up to `level` all of whose instructions are among the features.
attune_level attune_level_with(unsigned features, attune_level level);
/// The highest level that this processor and its operating system support.
attune_level attune_supported_level(void);
/// Whether they support this one: a higher level need not include a lower one.
int attune_supports_level(attune_level level);
/// The level in use: the fastest supported one, or the highest supported one up to that which ATTUNE_INSTRUCTION_LEVEL
/// names (baseline, avx2, avx2vnni, avx512, avx512vnni, avx512bf16).
attune_level attune_current_level(void);
/// Its name.
const char *attune_level_name(attune_level level);
/// Whether a level of this processor family has the name; then writes which.
int attune_level_named(const char *name, attune_level *level);
/// What is wrong with a wish for a level, in words that follow it; NULL: nothing.
const char *attune_level_problem(const char *wanted);
/// Uses `level`, or the highest supported one below it, for what the calling thread computes, through attune_parallel too.
/// For tests, which run beside others that must not notice.
void attune_force_level(attune_level level);
/// Undoes `attune_force_level` on the calling thread.
void attune_release_level(void);

// ---- Threads ----------------------------------------------------------------------------------------------------

/// Calls `body(context, index)` once for each index below `count`, on the calling thread and the pool's workers.
/// Returns when all calls have returned. A call from inside a body, or while another thread uses the pool, runs its
/// bodies on the calling thread.
void attune_parallel(size_t count, void (*body)(void *context, size_t index), void *context);
/// Threads that `attune_parallel` uses, the calling one included. The default is the number of processors this
/// process may run on, or ATTUNE_THREADS.
size_t attune_thread_count(void);
/// Sets that number, at least 1. Not to be called while `attune_parallel` runs.
void attune_set_thread_count(size_t count);
/// Whether `attune_parallel` would run all bodies on the calling thread: it is inside a body already, or the only thread.
int attune_runs_alone(void);
/// A number of the calling thread: 0, 1, 2, ... in the order in which threads first ask.
size_t attune_thread_number(void);

// ---- Random numbers ---------------------------------------------------------------------------------------------

/// Counter-based: the number at (key, index) depends on nothing else. Returns 32 well-mixed bits.
uint32_t attune_random_bits(uint64_t key, uint64_t index);
/// Derives the key of a place below `key`; distinct places give independent streams.
uint64_t attune_random_key(uint64_t key, uint64_t place);

// ---- Numeric kernels --------------------------------------------------------------------------------------------

typedef enum { ATTUNE_FLOAT32 = 0, ATTUNE_FLOAT64 = 1 } attune_precision;

typedef enum {
  ATTUNE_IDENTITY = 0,
  ATTUNE_RELU = 1,
  ATTUNE_GELU = 2,       // x * Phi(x), the exact form with erf
  ATTUNE_GELU_TANH = 3,  // the tanh approximation
  ATTUNE_TANH = 4,
  ATTUNE_SIGMOID = 5,
  ATTUNE_SILU = 6,       // x * sigmoid(x)
  ATTUNE_QUICK_GELU = 7, // x * sigmoid(1.702 x)
  ATTUNE_MISH = 8        // x * tanh(log(1 + exp(x)))
} attune_activation;

/// destination[i] = value
void attune_fill(attune_precision precision, void *destination, double value, size_t count);
/// destination[i] = a[i] + b[i]; destination may be a or b.
void attune_add(attune_precision precision, const void *a, const void *b, void *destination, size_t count);
/// destination[i] = a[i] * b[i]; destination may be a or b.
void attune_multiply(attune_precision precision, const void *a, const void *b, void *destination, size_t count);
/// destination[i] = scale * x[i]; destination may be x.
void attune_scale(attune_precision precision, double scale, const void *x, void *destination, size_t count);
/// destination[i] += scale * x[i]
void attune_add_scaled(attune_precision precision, double scale, const void *x, void *destination, size_t count);
/// Sum of x[i], accumulated in double in index order of blocks of 4096.
double attune_sum(attune_precision precision, const void *x, size_t count);
/// Sum of x[i] * x[i], accumulated in double likewise. NaN and infinity pass through.
double attune_sum_of_squares(attune_precision precision, const void *x, size_t count);
/// Sum of a[i] * b[i], accumulated in double likewise.
double attune_dot(attune_precision precision, const void *a, const void *b, size_t count);
/// float <-> double
void attune_convert(attune_precision from, const void *source, attune_precision to, void *destination, size_t count);

/// destination[i] = f(x[i]); destination may be x.
void attune_activate(attune_precision precision, attune_activation f, const void *x, void *destination, size_t count);
/// destination[i] = gradient[i] * f'(x[i]); destination may be gradient or x.
void attune_activate_backward(attune_precision precision, attune_activation f, const void *x, const void *gradient,
                              void *destination, size_t count);
/// activated = f(x), and gradient *= f'(x) in place, in one pass.
void attune_activate_both(attune_precision precision, attune_activation f, const void *x, void *activated,
                          void *gradient, size_t count);
/// values[r][c] += bias[c] in place (bias may be NULL); then, if activated is not NULL, activated[r][c] = f(values[r][c]).
/// activated may be values.
void attune_bias_activate(attune_precision precision, attune_activation f, void *values, size_t values_leading,
                          const void *bias, void *activated, size_t activated_leading, size_t rows, size_t columns);

/// gated[r][c] = f(sums[r][c]) * sums[r][width + c], for rows of 2 * width sums.
void attune_activate_gated(attune_precision precision, attune_activation f, const void *sums, void *gated, size_t rows,
                           size_t width);
/// Backward of the same: gradient[rows][width] of the gated values in; sum_gradient[rows][2 * width] and the gated
/// values themselves out, which share their dear part.
void attune_activate_gated_backward(attune_precision precision, attune_activation f, const void *sums,
                                    const void *gradient, void *sum_gradient, void *gated, size_t rows, size_t width);

/// destination[i] = kept(first + i) ? x[i] / (1 - rate) : 0, where kept is drawn from (key, first + i).
/// destination may be x. rate 0 copies. The same call on a gradient is the derivative.
void attune_dropout(attune_precision precision, uint64_t key, uint64_t first, double rate, const void *x,
                    void *destination, size_t count);
/// destination[i] = residual[i] + dropped(x[i]) with the same draws. destination may be residual or x.
void attune_add_dropout(attune_precision precision, uint64_t key, uint64_t first, double rate, const void *residual,
                        const void *x, void *destination, size_t count);

/// Layer norm of residual + dropped(x) (residual may be NULL: of x, then key and rate are ignored).
/// Writes the sum that was normalised (sum may be NULL, or x, or residual), the result, and mean and 1/deviation of
/// each row (both may be NULL). The element index of dropout is first + r * columns + c. Two-pass variance, biased.
void attune_layer_norm(attune_precision precision, const void *residual, const void *x, uint64_t key, uint64_t first,
                       double rate, const void *weight, const void *bias, double epsilon, void *sum, void *result,
                       void *mean, void *reciprocal_deviation, size_t rows, size_t columns);
/// Backward of layer norm. weight_gradient and bias_gradient (either may be NULL) are added to. input_gradient may be
/// gradient. bias of the norm may be absent.
void attune_layer_norm_backward(attune_precision precision, const void *gradient, const void *sum, const void *mean,
                                const void *reciprocal_deviation, const void *weight, void *input_gradient,
                                void *weight_gradient, void *bias_gradient, size_t rows, size_t columns);

/// destination[c] += sum over rows of x[r][c]
void attune_column_sums(attune_precision precision, const void *x, size_t leading, void *destination, size_t rows,
                        size_t columns);
/// destination[c] += sum over rows of a[r][c] * b[r][c]
void attune_column_dots(attune_precision precision, const void *a, const void *b, void *destination, size_t rows,
                        size_t columns);
/// destination[r][c] = x[r][c] * scale[c] + shift[c] (scale, shift may be NULL: 1, 0); destination may be x.
void attune_scale_columns(attune_precision precision, const void *x, const void *scale, const void *shift,
                          void *destination, size_t rows, size_t columns);
/// destination[r][c] = x[r][c] * scale[r]; destination may be x.
void attune_scale_rows(attune_precision precision, const void *x, const void *scale, void *destination, size_t rows,
                       size_t columns);
/// result[r] = sum over c of a[r][c] * b[r][c]
void attune_row_dots(attune_precision precision, const void *a, size_t a_leading, const void *b, size_t b_leading,
                     void *result, size_t rows, size_t columns);

/// destination[r] = sum over t < table_count of tables[t][ids[t][r]], rows of `columns`; a negative id adds nothing.
void attune_gather_rows(attune_precision precision, const void *const *tables, const int32_t *const *ids,
                        size_t table_count, void *destination, size_t rows, size_t columns);
/// destination[g] = sum over i in starts[g]..<starts[g + 1] of x[order[i]], in that order.
void attune_sum_rows(attune_precision precision, const void *x, const int32_t *order, const int32_t *starts,
                     void *destination, size_t groups, size_t columns);

/// destination[c][r] = x[r][c], rows of the destination leading apart.
void attune_transpose(attune_precision precision, const void *x, void *destination, size_t leading, size_t rows,
                      size_t columns);

/// destination[s] = mean of the rows offsets[s]..<offsets[s + 1] of x; zero for no rows.
void attune_segment_mean(attune_precision precision, const void *x, const int64_t *offsets, void *destination,
                         size_t segments, size_t columns);
/// Columnwise maximum over the rows of each segment, with the row index of the first one that reaches it (-1 and 0 for no rows).
void attune_segment_max(attune_precision precision, const void *x, const int64_t *offsets, void *destination,
                        int32_t *winners, size_t segments, size_t columns);

/// Row-wise softmax of scale * x; destination may be x.
void attune_softmax(attune_precision precision, double scale, const void *x, void *destination, size_t rows,
                    size_t columns);
/// destination = p * (gradient - sum(gradient * p)) per row; destination may be gradient.
void attune_softmax_backward(attune_precision precision, const void *probabilities, const void *gradient,
                             void *destination, size_t rows, size_t columns);

/// log(sum(exp(x))) of each row.
void attune_log_sum_exp(attune_precision precision, const void *x, size_t leading, void *result, size_t rows,
                        size_t columns);
/// Cross-entropy of each row against (1 - smoothing) * one_hot(target) + smoothing / columns, times row_weights[r]
/// (NULL: 1). A negative target gives 0. Needs log_sum_exp of the row.
void attune_cross_entropy(attune_precision precision, const void *logits, size_t leading, const void *log_sum_exp,
                          const int32_t *targets, double smoothing, const void *row_weights, void *losses, size_t rows,
                          size_t columns);
/// logits[r][c] = scale * row_weights[r] * (softmax - smoothed target), in place; 0 for a negative target.
void attune_cross_entropy_backward(attune_precision precision, void *logits, size_t leading, const void *log_sum_exp,
                                   const int32_t *targets, double smoothing, const void *row_weights, double scale,
                                   size_t rows, size_t columns);

// ---- Attention, one block of queries against one block of keys ----------------------------------------------------

/// What applies to a block of scores before the softmax. Row r is query first_query + r, column c is key first_key + c,
/// both counted in positions of their sequence.
typedef struct {
  double scale;             // of query . key
  int64_t first_query;
  int64_t first_key;
  int64_t window_before;    // keys below query - window_before are hidden; negative: none are
  int64_t window_after;     // keys above query + window_after are hidden; negative: none are. 0: causal
  const void *bias;         // NULL, or bias[key - query + bias_origin] to add, as long as every distance in the block
  int64_t bias_origin;
  uint64_t dropout_key;     // of this head; the draw of (query row, key) is at (random_key(dropout_key, dropout_row + r), first_key + c)
  uint64_t dropout_row;     // index of row 0 among all queries of the batch
  double dropout_rate;
} attune_score_block;

/// Online softmax. In: raw products q.k in scores[rows][columns] (leading apart). Updates running maxima and sums of the rows
/// (start: -infinity and 0), writes exp(score - new maximum), after dropout, over scores, and the factor by which
/// what was accumulated so far must be multiplied in corrections[r] (0 for a first block). Hidden scores become 0;
/// a row with nothing visible so far keeps maximum -infinity, sum 0, correction 0 and all-zero scores.
void attune_attention_softmax(attune_precision precision, const attune_score_block *block, void *scores,
                              size_t leading, void *maxima, void *sums, void *corrections, size_t rows,
                              size_t columns);
/// accumulated[r] *= corrections[r] for rows of `columns`
void attune_attention_rescale(attune_precision precision, void *accumulated, size_t leading, const void *corrections,
                              size_t rows, size_t columns);
/// output[r] = accumulated[r] / sums[r] (0 where the sum is 0), log_sum_exp[r] = maximum + log(sum) (0 where the sum is 0; NULL: not wanted).
void attune_attention_finish(attune_precision precision, void *output, size_t leading, const void *maxima,
                             const void *sums, void *log_sum_exp, size_t rows, size_t columns);
/// Backward. In: raw products in scores; products gradient.value in value_products; log_sum_exp and delta = sum(output * gradient)
/// of each row. Out: scores become the dropped probabilities (for the gradient of values), value_products become the
/// gradient of the raw products (for queries and keys). bias_gradient (NULL: not wanted) is added to, laid out as bias.
void attune_attention_backward(attune_precision precision, const attune_score_block *block, void *scores,
                               void *value_products, size_t leading, const void *log_sum_exp, const void *delta,
                               void *bias_gradient, size_t rows, size_t columns);

/// Rows of weights are as long as a multiple of this.
enum { ATTUNE_WEIGHTS = 16 };
/// Attention of one query over `count` keys, all heads: key t is row slots[t] of keys[][heads * width] (NULL: row t), its value
/// the same row of values. Overwrites weights[heads][count, rounded up to ATTUNE_WEIGHTS]; no keys give zeros.
void attune_attend_one(attune_precision precision, const void *query, const void *keys, const void *values,
                       const int32_t *slots, size_t count, size_t heads, size_t width, double scale, void *weights,
                       void *result);
/// The `wanted` largest of x[count], largest first, of equal ones the first. What is -infinity or NaN is passed over;
/// when too few are left, the last places are -1.
void attune_best_scores(attune_precision precision, const void *x, size_t count, size_t wanted, int32_t *places,
                        void *scores);

/// Which panels of ATTUNE_PANEL_COLUMNS of `count` scores may hold the largest: of the product of row[depth] with a matrix, and a bias.
/// scores are those of the rounded matrix and of the row in 8 bits, as attune_int8_gemm computes them; lengths are those of the
/// rounded matrix's rows, and rounding moved each by `stray` of its length at most. slack bounds the rounding of the
/// bias. Returns their number; panels needs room for all.
size_t attune_contending_panels(attune_precision precision, const void *scores, const void *lengths, size_t count,
                                const void *row, size_t depth, double stray, double slack, int32_t *panels);

/// Turns the columns (i, half + i) of each head as points of the plane. Row r of turns[places[r]][2 * half] holds the
/// cosines and then the sines of its angles; direction is 1, or -1 to turn back. destination may be x.
void attune_rotate(attune_precision precision, const void *x, const void *turns, const int32_t *places,
                   double direction, void *destination, size_t rows, size_t heads, size_t half);

// ---- Recurrence ---------------------------------------------------------------------------------------------------

/// One LSTM step for `rows` sequences. gates[r][4 * units] holds the summed pre-activations in the order input, forget,
/// cell, output, and is overwritten by the activated gates. cell and hidden are written; previous_cell may be cell.
void attune_lstm_step(attune_precision precision, void *gates, const void *previous_cell, void *cell, void *hidden,
                      size_t rows, size_t units);
/// Backward of a step: hidden_gradient and cell_gradient (of the cell after the step) in; gate_gradients [rows][4 * units] of
/// the pre-activations and previous_cell_gradient out (may be cell_gradient).
void attune_lstm_step_backward(attune_precision precision, const void *gates, const void *previous_cell,
                               const void *cell, const void *hidden_gradient, const void *cell_gradient,
                               void *gate_gradients, void *previous_cell_gradient, size_t rows, size_t units);

// ---- Optimizer ----------------------------------------------------------------------------------------------------

typedef struct {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  double correction1, correction2;  // 1 - beta^t
  double gradient_scale;            // multiplies the gradient first
} attune_adamw_settings;

/// Steps that one call of attune_adamw makes at most.
enum { ATTUNE_MOST_STEPS = 32 };

/// Decoupled weight decay (Loshchilov and Hutter 2019), in place: parameter *= 1 - rate * decay; moments; then
/// parameter -= rate * (m / correction1) / (sqrt(v / correction2) + epsilon). Makes settings[0], settings[1], ... one
/// after the other, with the bits of as many calls; gradient is that of the last, NULL means zero, as it is before.
void attune_adamw(attune_precision precision, const attune_adamw_settings *settings, size_t steps,
                  const void *gradient, void *parameter, void *first_moment, void *second_moment, size_t count);

// ---- Small and packed matrix products (float32 unless a precision is given) -----------------------------------------

/// C = alpha * op(A) op(B) + beta * C for small matrices (tens of rows), where a BLAS call costs more than its work.
/// transposes: bit 0 A, bit 1 B. Reads no C when beta is 0.
void attune_small_gemm(attune_precision precision, int transposes, size_t m, size_t n, size_t k, double alpha,
                       const void *a, size_t a_leading, const void *b, size_t b_leading, double beta, void *c,
                       size_t c_leading);

/// Elements (floats) of the packed form of weight[n][k].
size_t attune_packed_size(size_t n, size_t k);
/// Packs weight[n][k] (rows leading apart) for attune_packed_gemm. The layout is the same at every level.
void attune_pack(const float *weight, size_t leading, size_t n, size_t k, float *packed);
/// c[m][n] = f(a[m][k] . weight^T + bias); bias may be NULL. Serial; the result of a row depends on that row alone (bit by bit,
/// whatever m is).
void attune_packed_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const float *packed,
                        const float *bias, attune_activation f, float *c, size_t c_leading);

/// Columns in one panel of a packed factor: panels may be packed apart, each at packed + column * k.
enum { ATTUNE_PANEL_COLUMNS = 32 };
/// Packs b[k][n], or with `transposed` b[n][k], as attune_pack does.
void attune_pack_factor(int transposed, const float *b, size_t leading, size_t n, size_t k, float *packed);
/// c[m][n] = (accumulate ? c : 0) + op(a) . b, with `a_transposed` a[k][m], else a[m][k]. Serial; the bits of an element depend
/// on its row of op(a), its column of b and k alone, so rows may be dealt to threads at will.
void attune_blocked_gemm(int a_transposed, size_t m, size_t n, size_t k, const float *a, size_t a_leading,
                         const float *packed, int accumulate, float *c, size_t c_leading);

// ---- Products with narrow numbers -------------------------------------------------------------------------------------
//
// The packed factor holds narrow numbers; the rows of the other one are rounded to the same kind on the way; sums and
// results are float32. The result of a row depends on that row alone, bit by bit. Packed forms are the same at every
// level, and panels of ATTUNE_PANEL_COLUMNS columns may be packed apart.

typedef enum {
  ATTUNE_BFLOAT16 = 0,  // the upper half of a float: 8 bits of precision
  // Integers of 13 bits in 16, with a scale for each row, or column, of each block of at most 128 along the depth: what
  // is rounded is at most 1 / 8190 of the block's largest magnitude, and a block's sum is exact. For magnitudes between
  // 1e-34 and 1e32; smaller ones tend to zero. A row with an infinity or NaN gives NaN.
  ATTUNE_INT16 = 1
} attune_short_format;

/// Bytes of one panel of a factor of depth k.
size_t attune_short_panel_size(attune_short_format format, size_t k);
/// Packs b[k][n], or with `transposed` b[n][k] (rows leading apart).
void attune_short_pack(attune_short_format format, int transposed, const float *b, size_t leading, size_t n, size_t k,
                       void *packed);
/// c[m][n] = f((accumulate ? c : 0) + op(a) . b + bias), with `a_transposed` a[k][m], else a[m][k]; bias may be NULL.
void attune_short_gemm(attune_short_format format, int a_transposed, size_t m, size_t n, size_t k, const float *a,
                       size_t a_leading, const void *packed, int accumulate, const float *bias, attune_activation f,
                       float *c, size_t c_leading);

/// integers[r][c] = the nearest integer to x[r][c] / scales[r], which is 1 / 127 of the row's largest magnitude (NaN
/// where that is not finite).
void attune_int8_quantize(const float *x, size_t leading, size_t rows, size_t columns, int8_t *integers, float *scales);
/// Bytes of the packed form of weight[n][k].
size_t attune_int8_packed_size(size_t n, size_t k);
/// Packs weight[n][k], each row of which has a scale, for attune_int8_gemm.
void attune_int8_pack(const int8_t *weight, const float *scales, size_t n, size_t k, void *packed);
/// The integers and scales that were packed.
void attune_int8_unpack(const void *packed, size_t n, size_t k, int8_t *weight, float *scales);
/// c[m][n] = f(a[m][k] . weight^T + bias), the rows of a quantised as attune_int8_quantize does; bias may be NULL. k is at
/// most 65536.
void attune_int8_gemm(size_t m, size_t n, size_t k, const float *a, size_t a_leading, const void *packed,
                      const float *bias, attune_activation f, float *c, size_t c_leading);

// ---- Peaks ------------------------------------------------------------------------------------------------------------

typedef enum { ATTUNE_PEAK_FLOAT32 = 0, ATTUNE_PEAK_BFLOAT16 = 1, ATTUNE_PEAK_INT16 = 2, ATTUNE_PEAK_INT8 = 3 } attune_peak_kind;

/// Multiplies and adds in registers alone as the products of a kind do, for benchmarks to compare with. Returns the number
/// of operations.
double attune_peak(attune_peak_kind kind, size_t rounds);

#ifdef __cplusplus
}
#endif

#endif
