# SPDX-License-Identifier: Apache-2.0
"""Writes classes.json: the ids that the classes of transformers give with tiny.model, which number its pieces in their own way.

    pip install transformers==5.23.0 tokenizers==0.23.3 sentencepiece==0.2.3
    python make_classes.py ../../../../datasets/reviews_train.csv

Texts with letters that tiny.model does not know are left out: these classes never write letters as bytes, their published
models having no bytes, while tiny.model has them.
"""
import csv
import json
import os
import shutil
import sys
import tempfile

import transformers

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = ["XLMRobertaTokenizer", "CamembertTokenizer"]
TEXTS = ["", " ", "a good film", "  a  good   film ", "a <mask> film", "<s> a </s> b", "good<pad>film", "bad <sep> good", "the film\nwas\tbad"]
# A second text of nothing is no second text to these classes where one pair is given, but is one in a batch of pairs.
PAIRS = [["a good film", "bad"], ["", "the cast"], ["good", "film film"]]


def main(path):
    with open(path, encoding="utf-8", newline="") as f:
        reviews = [row["text"] for row in csv.DictReader(f) if len(row["text"]) < 90]
    document = {}
    for name in CLASSES:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(f"{HERE}/tiny.model", f"{folder}/sentencepiece.bpe.model")
            with open(f"{folder}/tokenizer_config.json", "w") as f:
                json.dump({"tokenizer_class": name}, f)
            tokenizer = getattr(transformers, name).from_pretrained(folder)
        rows = [[text, tokenizer(text)["input_ids"]] for text in TEXTS + reviews]
        known = [row for row in rows if tokenizer.unk_token_id not in row[1]][:60]
        pairs = [[*pair, tokenizer(*pair)["input_ids"]] for pair in PAIRS]
        parts = {part: getattr(tokenizer, f"{part}_token_id") for part in ("pad", "unk", "cls", "sep", "mask")}
        document[name] = {"texts": known, "pairs": pairs, "parts": parts, "size": len(tokenizer)}
        print(name, len(known), "texts")
    with open(f"{HERE}/classes.json", "w", encoding="utf-8") as f:
        json.dump(document, f, ensure_ascii=True, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
