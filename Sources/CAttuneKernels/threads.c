// SPDX-License-Identifier: Apache-2.0
//
// A pool for short bodies: workers spin a little before they sleep, and claim indices from a counter. A worker joins a
// job only while it is open, so the caller never waits for one that is still waking up.

#define _GNU_SOURCE

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#endif

#include "CAttuneKernels.h"
#include "forced.h"

enum { MOST_THREADS = 64, SPINS = 5000, WORKER_STACK = 8 << 20 };

// ---- Waiting ----

#if defined(__linux__)

/// Returns at the latest when `word` is no longer `value` and it was woken.
static void sleep_while(_Atomic(uint32_t) *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_all(_Atomic(uint32_t) *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

#else

static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t sleep_condition = PTHREAD_COND_INITIALIZER;

static void sleep_while(_Atomic(uint32_t) *word, uint32_t value) {
  pthread_mutex_lock(&sleep_lock);
  while (atomic_load(word) == value) pthread_cond_wait(&sleep_condition, &sleep_lock);
  pthread_mutex_unlock(&sleep_lock);
}

static void wake_all(_Atomic(uint32_t) *word) {
  (void)word;
  pthread_mutex_lock(&sleep_lock);
  pthread_cond_broadcast(&sleep_condition);
  pthread_mutex_unlock(&sleep_lock);
}

#endif

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Waits until `word` is no longer `value`; `sleepers` counts those who need to be woken.
static void wait_for_change(_Atomic(uint32_t) *word, uint32_t value, _Atomic(uint32_t) *sleepers) {
  for (int spin = 0; spin < SPINS; spin++) {
    if (atomic_load_explicit(word, memory_order_acquire) != value) return;
    pause_briefly();
  }
  atomic_fetch_add(sleepers, 1);
  while (atomic_load(word) == value) sleep_while(word, value);
  atomic_fetch_sub(sleepers, 1);
}

// ---- The pool ----

enum { OPEN = 0x80000000u };

static struct {
  _Atomic(bool) taken;  // by the thread whose job it is; guards all that is not atomic
  size_t count;
  void (*body)(void *context, size_t index);
  void *context;
  const void *forced;  // the caller's
  _Atomic(size_t) next;
  _Atomic(uint32_t) members;  // workers inside the job, and OPEN while more may join
  _Atomic(uint32_t) waiting;  // callers asleep until members is 0
  _Atomic(uint32_t) round;    // counts jobs
  _Atomic(uint32_t) sleepers;
  size_t started;             // workers that exist
  _Atomic(uint32_t) threads;  // 0: not chosen yet
  _Atomic(uint32_t) idle;     // workers asleep because there are more than threads asks for
} pool;

static _Thread_local bool inside_body;

size_t attune_thread_number(void) {
  static _Atomic(size_t) count;
  static _Thread_local size_t number;
  if (number == 0) number = atomic_fetch_add_explicit(&count, 1, memory_order_relaxed) + 1;
  return number - 1;
}

static void work(void) {
  inside_body = true;
  size_t count = pool.count;
  for (;;) {
    size_t index = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed);
    if (index >= count) break;
    pool.body(pool.context, index);
  }
  inside_body = false;
}

static void join_if_open(void) {
  uint32_t members = atomic_load(&pool.members);
  do {
    if (!(members & OPEN)) return;
  } while (!atomic_compare_exchange_weak(&pool.members, &members, members + 1));
  attune_adopt_forced(pool.forced);
  work();
  attune_adopt_forced(NULL);
  if (atomic_fetch_sub(&pool.members, 1) == 1 && atomic_load(&pool.waiting) > 0) wake_all(&pool.members);
}

static void *run_worker(void *argument) {
  size_t number = (size_t)(uintptr_t)argument;
  for (;;) {
    uint32_t round = atomic_load(&pool.round), threads = atomic_load(&pool.threads);
    if (number < threads) {
      join_if_open();
      wait_for_change(&pool.round, round, &pool.sleepers);
    } else {
      wait_for_change(&pool.threads, threads, &pool.idle);
    }
  }
  return NULL;
}

/// Starts workers up to the wanted number; with fewer, should the system refuse them, the work is done all the same.
static void start_workers(size_t wanted) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, WORKER_STACK);
  while (pool.started < wanted) {
    pthread_t thread;
    void *number = (void *)(uintptr_t)(pool.started + 1);
    if (pthread_create(&thread, &attributes, run_worker, number) != 0) break;
    pool.started++;
  }
  pthread_attr_destroy(&attributes);
}

static void run_serially(size_t count, void (*body)(void *context, size_t index), void *context) {
  for (size_t index = 0; index < count; index++) body(context, index);
}

int attune_runs_alone(void) { return inside_body || attune_thread_count() <= 1; }

static void wait_for_members(void) {
  for (;;) {
    uint32_t members = atomic_load(&pool.members);
    if (members == 0) return;
    wait_for_change(&pool.members, members, &pool.waiting);
  }
}

void attune_parallel(size_t count, void (*body)(void *context, size_t index), void *context) {
  size_t threads = attune_thread_count();
  if (count <= 1 || threads <= 1 || inside_body || atomic_exchange_explicit(&pool.taken, true, memory_order_acquire)) {
    run_serially(count, body, context);
    return;
  }
  if (pool.started + 1 < threads) start_workers(threads - 1);
  pool.count = count;
  pool.body = body;
  pool.context = context;
  pool.forced = attune_forced();
  atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
  atomic_store(&pool.members, OPEN);
  atomic_fetch_add(&pool.round, 1);
  if (atomic_load(&pool.sleepers) > 0) wake_all(&pool.round);
  work();
  atomic_fetch_and(&pool.members, ~OPEN);
  wait_for_members();
  atomic_store_explicit(&pool.taken, false, memory_order_release);
}

// ---- Its size ----

/// `count`, at least 1 and at most MOST_THREADS.
static size_t limited(size_t count) { return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : count; }

static size_t default_thread_count(void) {
  const char *wanted = getenv("ATTUNE_THREADS");
  if (wanted) {
    char *end;
    long count = strtol(wanted, &end, 10);
    if (end != wanted && *end == 0 && count > 0) return limited((size_t)count);
  }
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return limited((size_t)CPU_COUNT(&allowed));
#endif
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return limited(online > 0 ? (size_t)online : 1);
}

size_t attune_thread_count(void) {
  uint32_t threads = atomic_load_explicit(&pool.threads, memory_order_relaxed);
  if (threads > 0) return threads;
  uint32_t unset = 0;
  atomic_compare_exchange_strong(&pool.threads, &unset, (uint32_t)default_thread_count());
  return atomic_load(&pool.threads);
}

void attune_set_thread_count(size_t count) {
  atomic_store(&pool.threads, (uint32_t)limited(count));
  if (atomic_load(&pool.idle) > 0) wake_all(&pool.threads);
}
