// SPDX-License-Identifier: Apache-2.0

#include "CAttuneBundledModel.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define BUNDLED_TEXT(text) #text
#ifdef ATTUNE_BUNDLED_MODELS
#define BUNDLED_PLACE(folder, file) BUNDLED_TEXT(folder/file)
#else
// The package without its trait BundledModels: a place where no file is.
#define BUNDLED_PLACE(folder, file) BUNDLED_TEXT(nowhere/folder/file)
#endif
#define BUNDLED_JOIN(name, model) name##_##model
#define BUNDLED_EXPAND(name, model) BUNDLED_JOIN(name, model)

#define BUNDLED_PATH(file) BUNDLED_PLACE(MODEL, file)
#define BUNDLED_NAME(name) BUNDLED_EXPAND(name, MODEL)
#define BUNDLED_FILE(file, name) {#file, BUNDLED_NAME(name), sizeof BUNDLED_NAME(name)}

#define MODEL classifier
#include "bundled_folder.h"
#undef MODEL

#define MODEL translator
#include "bundled_folder.h"
#undef MODEL

#define MODEL captioner
#include "bundled_folder.h"
#undef MODEL
