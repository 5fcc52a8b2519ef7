// SPDX-License-Identifier: Apache-2.0

#ifndef ATTUNE_OPENBLAS_SHIM_H
#define ATTUNE_OPENBLAS_SHIM_H

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
// Exported by builds of OpenBLAS that choose their kernels at run time; absent from others.
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));

/// Whether OpenBLAS did not know this processor and fell back to kernels of 2004. (0.3.21 does so on Intel processors
/// that are younger than it, and is then some fifteen times slower.)
static inline int attune_openblas_fell_back(void) {
  const char *wish = getenv("OPENBLAS_CORETYPE");
  if (wish && *wish) return 0;
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit || !openblas_get_corename) return 0;
  const char *core = openblas_get_corename();
  return strcmp(core, "Prescott") == 0 || strcmp(core, "Core2") == 0 || strcmp(core, "Unknown") == 0;
}

/// Makes OpenBLAS choose its kernels again, as if the environment had named `core`. Not to be called while it computes.
static inline void attune_openblas_use(const char *core) {
  setenv("OPENBLAS_CORETYPE", core, 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
}
#else
static inline int attune_openblas_fell_back(void) { return 0; }
static inline void attune_openblas_use(const char *core) { (void)core; }
#endif

#endif
