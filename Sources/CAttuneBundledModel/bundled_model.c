// SPDX-License-Identifier: Apache-2.0

#include "CAttuneBundledModel.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char configuration[] = {
#embed "classifier/config.json"
};

static const unsigned char weights[] = {
#embed "classifier/model.safetensors"
};

static const unsigned char tokenizer[] = {
#embed "classifier/tokenizer.json"
};

attune_bundled_file attune_bundled_configuration(void) {
  return (attune_bundled_file){configuration, sizeof configuration};
}

attune_bundled_file attune_bundled_weights(void) {
  return (attune_bundled_file){weights, sizeof weights};
}

attune_bundled_file attune_bundled_tokenizer(void) {
  return (attune_bundled_file){tokenizer, sizeof tokenizer};
}
