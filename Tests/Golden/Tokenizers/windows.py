# SPDX-License-Identifier: Apache-2.0
"""Makes windows.json: the overflowing parts that the `tokenizers` package cuts long texts into.

Its stride is the number of tokens that neighbours share; ours is the distance of their beginnings.

usage: python windows.py > windows.json
"""
import json
import os
import sys

from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = " ".join(f"The {word} film, it's n°{place} — a café of ideas." for place, word in enumerate(
    "slow bright unforgettable 日本語 dull İstanbul great".split()))
cases = []


def in_bytes(part, texts):
    return [[len(texts[sequence][:place].encode()) for place in offset] if sequence is not None else [0, 0]
            for offset, sequence in zip(part.offsets, part.sequence_ids)]


for text, pair, length, shared in [
    (TEXT, None, 16, 6), (TEXT, None, 16, 0), (TEXT, None, 12, 4), (TEXT, None, 40, 20), (TEXT, None, 512, 128),
    ("", None, 8, 2), ("Short enough", None, 8, 2), ("A question?", TEXT, 24, 8), (TEXT, "An answer.", 24, 5),
]:
    tokenizer = Tokenizer.from_file(f"{HERE}/tokenizer.json")
    strategy = "longest_first" if pair is None else "only_second" if len(pair) > len(text) else "only_first"
    tokenizer.enable_truncation(length, stride=shared, strategy=strategy)
    first = tokenizer.encode(text, pair)
    parts = [first] + first.overflowing
    tokenizer.no_truncation()
    plain = tokenizer.encode(text, pair)
    cases.append(dict(
        text=text, pair=pair, length=length, shared=shared, tokens=len(plain.ids),
        windows=[dict(ids=part.ids, segments=part.type_ids,
                      offsets=in_bytes(part, (text, pair))) for part in parts]))
json.dump(dict(cases=cases), sys.stdout, ensure_ascii=False)
