// SPDX-License-Identifier: Apache-2.0
//
// Embeds the folder MODEL: those of the files of a model that stand in it. Included once for each model.

#if __has_embed(BUNDLED_PATH(config.json))
static const unsigned char BUNDLED_NAME(configuration)[] = {
#embed BUNDLED_PATH(config.json)
};
#endif
#if __has_embed(BUNDLED_PATH(generation_config.json))
static const unsigned char BUNDLED_NAME(generation)[] = {
#embed BUNDLED_PATH(generation_config.json)
};
#endif
#if __has_embed(BUNDLED_PATH(attune.json))
static const unsigned char BUNDLED_NAME(attune)[] = {
#embed BUNDLED_PATH(attune.json)
};
#endif
#if __has_embed(BUNDLED_PATH(model.safetensors))
static const unsigned char BUNDLED_NAME(weights)[] = {
#embed BUNDLED_PATH(model.safetensors)
};
#endif
#if __has_embed(BUNDLED_PATH(model-int8.safetensors))
static const unsigned char BUNDLED_NAME(quantized_weights)[] = {
#embed BUNDLED_PATH(model-int8.safetensors)
};
#endif
#if __has_embed(BUNDLED_PATH(tokenizer.json))
static const unsigned char BUNDLED_NAME(tokenizer)[] = {
#embed BUNDLED_PATH(tokenizer.json)
};
#endif
#if __has_embed(BUNDLED_PATH(tokenizer_config.json))
static const unsigned char BUNDLED_NAME(tokenizer_configuration)[] = {
#embed BUNDLED_PATH(tokenizer_config.json)
};
#endif
#if __has_embed(BUNDLED_PATH(special_tokens_map.json))
static const unsigned char BUNDLED_NAME(special_tokens)[] = {
#embed BUNDLED_PATH(special_tokens_map.json)
};
#endif
#if __has_embed(BUNDLED_PATH(vocab.txt))
static const unsigned char BUNDLED_NAME(vocabulary_lines)[] = {
#embed BUNDLED_PATH(vocab.txt)
};
#endif
#if __has_embed(BUNDLED_PATH(vocab.json))
static const unsigned char BUNDLED_NAME(vocabulary)[] = {
#embed BUNDLED_PATH(vocab.json)
};
#endif
#if __has_embed(BUNDLED_PATH(source.spm))
static const unsigned char BUNDLED_NAME(source_pieces)[] = {
#embed BUNDLED_PATH(source.spm)
};
#endif
#if __has_embed(BUNDLED_PATH(target.spm))
static const unsigned char BUNDLED_NAME(target_pieces)[] = {
#embed BUNDLED_PATH(target.spm)
};
#endif

static const attune_bundled_file BUNDLED_NAME(files)[] = {
#if __has_embed(BUNDLED_PATH(config.json))
    BUNDLED_FILE(config.json, configuration),
#endif
#if __has_embed(BUNDLED_PATH(generation_config.json))
    BUNDLED_FILE(generation_config.json, generation),
#endif
#if __has_embed(BUNDLED_PATH(attune.json))
    BUNDLED_FILE(attune.json, attune),
#endif
#if __has_embed(BUNDLED_PATH(model.safetensors))
    BUNDLED_FILE(model.safetensors, weights),
#endif
#if __has_embed(BUNDLED_PATH(model-int8.safetensors))
    BUNDLED_FILE(model-int8.safetensors, quantized_weights),
#endif
#if __has_embed(BUNDLED_PATH(tokenizer.json))
    BUNDLED_FILE(tokenizer.json, tokenizer),
#endif
#if __has_embed(BUNDLED_PATH(tokenizer_config.json))
    BUNDLED_FILE(tokenizer_config.json, tokenizer_configuration),
#endif
#if __has_embed(BUNDLED_PATH(special_tokens_map.json))
    BUNDLED_FILE(special_tokens_map.json, special_tokens),
#endif
#if __has_embed(BUNDLED_PATH(vocab.txt))
    BUNDLED_FILE(vocab.txt, vocabulary_lines),
#endif
#if __has_embed(BUNDLED_PATH(vocab.json))
    BUNDLED_FILE(vocab.json, vocabulary),
#endif
#if __has_embed(BUNDLED_PATH(source.spm))
    BUNDLED_FILE(source.spm, source_pieces),
#endif
#if __has_embed(BUNDLED_PATH(target.spm))
    BUNDLED_FILE(target.spm, target_pieces),
#elif __has_embed(BUNDLED_PATH(source.spm))
    // A model of both languages need not be there twice.
    BUNDLED_FILE(target.spm, source_pieces),
#endif
    {NULL, NULL, 0},  // An array of nothing is no C.
};

attune_bundled_folder BUNDLED_NAME(attune_bundled)(void) {
  return (attune_bundled_folder){
      BUNDLED_NAME(files), sizeof BUNDLED_NAME(files) / sizeof(attune_bundled_file) - 1};
}
