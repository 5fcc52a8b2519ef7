// SPDX-License-Identifier: Apache-2.0
//
// The models that ship with the package, compiled in so that the binary can be copied anywhere.

#ifndef ATTUNE_BUNDLED_MODEL_H
#define ATTUNE_BUNDLED_MODEL_H

#include <stddef.h>

// A file of a model's folder.
typedef struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} attune_bundled_file;

// The files of a model's folder; none where the package has no such model.
typedef struct {
  const attune_bundled_file *files;
  size_t count;
} attune_bundled_folder;

attune_bundled_folder attune_bundled_classifier(void);
attune_bundled_folder attune_bundled_translator(void);
attune_bundled_folder attune_bundled_captioner(void);

#endif
