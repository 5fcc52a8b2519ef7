# SPDX-License-Identifier: Apache-2.0
"""Trains a tokenizer with the `tokenizers` package and prints how long that took, in JSON."""
import argparse
import json
import os
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("texts", help="one text a line")
parser.add_argument("output")
parser.add_argument("--model", choices=["wordpiece", "bpe", "unigram"], required=True)
parser.add_argument("--vocabulary-size", type=int, required=True)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
os.environ["RAYON_NUM_THREADS"] = str(options.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if options.threads > 1 else "false"

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers  # noqa: E402

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
size = {"vocab_size": options.vocabulary_size, "show_progress": False}
# What Attune trains by default: the settings of BERT, of RoBERTa, and of SentencePieceUnigramTokenizer.
if options.model == "wordpiece":
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(min_frequency=2, limit_alphabet=1000, special_tokens=special, **size)
elif options.model == "bpe":
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(min_frequency=2, initial_alphabet=alphabet, special_tokens=SPECIAL, **size)
else:
    tokenizer = Tokenizer(models.Unigram())
    stages = [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    tokenizer.normalizer = normalizers.Sequence(stages)
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    trainer = trainers.UnigramTrainer(unk_token="<unk>", special_tokens=SPECIAL, **size)
start = time.perf_counter()
tokenizer.train([options.texts], trainer)
seconds = time.perf_counter() - start
tokenizer.save(options.output)
print(json.dumps({"seconds": seconds}))
