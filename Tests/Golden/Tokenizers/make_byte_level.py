# SPDX-License-Identifier: Apache-2.0
"""Writes byte_level.json: tokenizers whose normalizer writes bytes, and what the `tokenizers` package makes of hard strings.

    pip install tokenizers==0.23.3
    python make_byte_level.py reviews_train.csv
"""
import csv
import json
import os
import random
import sys

from make_golden import SPICE, in_bytes
from make_pairs import MORE
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}


def sequence(*names):
    return {"type": "Sequence", "normalizers": [{"type": name} for name in names]}


def split(text):
    return {"type": "Split", "pattern": {"String": text}, "behavior": "MergedWithNext", "invert": False}


# (normalizer, pre-tokenizer): a space is written Ġ when the text is cut.
SETTINGS = [
    ({"type": "ByteLevel"}, None),
    ({"type": "ByteLevel"}, split("Ġ")),
    (sequence("NFD", "Lowercase", "StripAccents", "ByteLevel"), split("Ġ")),
    (sequence("Lowercase", "NFKC", "ByteLevel"), None),
]


def base(reviews):
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.ByteLevel()
    trained.pre_tokenizer = pre_tokenizers.Split("Ġ", "merged_with_next")
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    trained.train_from_iterator(reviews, trainer)
    return json.loads(trained.to_str())["model"]


def main():
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        reviews = [row["text"] for row in csv.DictReader(file)][:400]
    model = base(reviews)
    draw = random.Random(21)
    texts = [review[:60] for review in reviews[:40]] + MORE + ["", " ", "é", "日本語", "\u0000", "\ufeffx", "Ġ", "a\u0301b"]
    pieces = MORE + SPICE
    texts += ["".join(draw.choice(pieces) for _ in range(draw.randint(1, 5))) for _ in range(60)]
    files, rows, decoded = [], [], []
    for index, (normalizer, pre_tokenizer) in enumerate(SETTINGS):
        rest = {"normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": LEVEL,
                "added_tokens": [], "truncation": None, "padding": None}
        files.append(rest)
        tokenizer = Tokenizer.from_str(json.dumps({"version": "1.0", **rest, "model": model}))
        for text in texts:
            encoding = tokenizer.encode(text, add_special_tokens=False)
            places = in_bytes(text, encoding.offsets)
            rows.append([index, text, encoding.ids, places])
            decoded.append([index, encoding.ids, tokenizer.decode(encoding.ids)])
    with open(os.path.join(HERE, "byte_level.json"), "w", encoding="utf-8") as file:
        json.dump({"model": model, "settings": files, "texts": rows, "decoded": decoded}, file, separators=(",", ":"))
        file.write("\n")


main()
