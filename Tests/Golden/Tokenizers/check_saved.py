# SPDX-License-Identifier: Apache-2.0
"""Opens a folder that `Tokenizer.save(to:maximumLength: 128)` wrote for the tokenizer.json beside this script, and
writes saved.json: the hashes of its files, and what `transformers` makes of it.

    pip install transformers==5.23.0
    python check_saved.py FOLDER
"""
import hashlib
import json
import os
import sys

from transformers import AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = ["A wonderful, moving [MASK].", "It's naïve — isn't it?", "日本語 e\u0301"]


def main(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert type(tokenizer).__name__ == "BertTokenizer", type(tokenizer)
    assert tokenizer.model_max_length == 128
    with open(f"{HERE}/tokenizer.json", encoding="utf-8") as f:
        assert tokenizer.get_vocab() == json.load(f)["model"]["vocab"]
    hashes = {}
    for name in sorted(os.listdir(folder)):
        with open(f"{folder}/{name}", "rb") as f:
            hashes[name] = hashlib.sha256(f.read()).hexdigest()
    special = [getattr(tokenizer, f"{part}_token_id") for part in ["pad", "unk", "cls", "sep", "mask"]]
    encoded = [[text, tokenizer(text)["input_ids"]] for text in TEXTS]
    with open(f"{HERE}/saved.json", "w") as f:
        json.dump({"hashes": hashes, "special": special, "texts": encoded}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
