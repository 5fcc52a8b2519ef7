// SPDX-License-Identifier: Apache-2.0
//
// The model that ships with the package, compiled in so that the binary can be copied anywhere.

#ifndef ATTUNE_BUNDLED_MODEL_H
#define ATTUNE_BUNDLED_MODEL_H

#include <stddef.h>

typedef struct {
  const unsigned char *bytes;
  size_t count;
} attune_bundled_file;

attune_bundled_file attune_bundled_configuration(void);
attune_bundled_file attune_bundled_weights(void);
attune_bundled_file attune_bundled_tokenizer(void);

#endif
