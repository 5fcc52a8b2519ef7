# SPDX-License-Identifier: Apache-2.0
"""Compares ids, places and speed of tokenizers with the `tokenizers` package, one thread against one thread.

    pip install tokenizers==0.23.3
    swift build -c release --product attune-bench
    python3 Benchmarks/compare_tokenizers.py FOLDER/tokenizer.json … --texts reviews.csv.gz --texts french.tsv

Ids and places are compared on --count strings: pieces of the texts, the same with hostile characters put in, and random ones.
Speed is that of the whole texts; each contestant's fastest round of --rounds counts, and they run in turns. --rounds 0 leaves it out.
"""
import argparse
import csv
import gzip
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [place for place in sys.path if os.path.abspath(place or ".") != HERE]
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
sys.path.append(os.path.join(HERE, "../Tests/Golden/Tokenizers"))
scalar = importlib.import_module("make_golden").scalar
Tokenizer = importlib.import_module("tokenizers").Tokenizer
CLUSTERS = [chr(c) for c in (*range(0x300, 0x370), *range(0x900, 0x980), *range(0x1100, 0x1200), 0x200C, 0x200D, 0x20E3, 0xFE0F, 0x600)]
CLUSTERS += list("\u00a9\u00ae\u2764\U0001f469\U0001f467\U0001f3fd\U0001f1eb\U0001f1f7\ufdfa\ufb01\uac00\uac01aeE \u00fc\u00bd")


def read(path):
    """The longest column of each row: a text of some language."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as f:
        if ".tsv" in path:
            rows = [line.rstrip("\r\n").split("\t") for line in f]
        elif ".csv" in path:
            rows = list(csv.reader(f))
        else:
            rows = [[line.rstrip("\n")] for line in f]
    return [max(row, key=len) for row in rows[1:] if row]


def strings(texts, count):
    r = random.Random(5)
    pieces = []
    for text in r.sample(texts, min(len(texts), count)):
        words = text.split(" ")
        pieces += [" ".join(words[start : start + 25]) for start in range(0, len(words), 25)]
    r.shuffle(pieces)
    made = pieces[: count * 4 // 10]
    while len(made) < count * 6 // 10:
        letters = list(r.choice(pieces)[:60])
        for _ in range(r.randrange(1, 6)):
            letters.insert(r.randrange(len(letters) + 1), scalar(r))
        made.append("".join(letters))
    while len(made) < count * 85 // 100:
        made.append("".join(scalar(r) for _ in range(r.randrange(1, 14))))
    while len(made) < count * 92 // 100:
        made.append("".join(r.choice(CLUSTERS) for _ in range(r.randrange(1, 12))))
    while len(made) < count:
        made.append("".join(chr(r.choice([r.randrange(0xD800), r.randrange(0xE000, 0x110000)])) for _ in range(r.randrange(1, 10))))
    return made


def write(path, texts):
    with open(path, "w") as f:
        f.writelines(json.dumps(text) + "\n" for text in texts)


def places(text, offsets):
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return " ".join(f"{starts[first]}:{starts[last]}" for first, last in offsets)


def compare(bench, path, folder, texts):
    tokenizer = Tokenizer.from_file(path)
    # Some files ask for rows of one length, which batches without padding never need.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    run = [bench, "encode", path, f"{folder}/strings.jsonl", "--print"]
    ids, offsets = (subprocess.run([*run, what], check=True, capture_output=True, text=True).stdout.split("\n")[:-1] for what in ("ids", "offsets"))
    different = [0, 0]
    for text, our_ids, our_places, theirs in zip(texts, ids, offsets, tokenizer.encode_batch(texts), strict=True):
        if our_ids != " ".join(map(str, theirs.ids)):
            different[0] += 1
            if different[0] <= 3:
                print(f"  {ascii(text)}\n    ours   {our_ids}\n    theirs {theirs.ids}", file=sys.stderr)
        different[1] += our_places != places(text, theirs.offsets)
    return {"strings": len(texts), "different_ids": different[0], "different_places": different[1]}


def speed(bench, path, file, texts, rounds):
    tokenizer = Tokenizer.from_file(path)
    # Some files ask for rows of one length, which batches without padding never need.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    size = sum(len(text.encode()) for text in texts) / 1e6
    ours, theirs = [], []
    for _ in range(rounds):
        # A line that says what is timed, and a line for each round.
        printed = subprocess.run([bench, "encode", path, file, "--rounds", "1"], check=True, capture_output=True).stdout
        made = json.loads(printed.splitlines()[-1])
        ours.append((made["megabytes_per_second"], made["megabytes_per_second_with_offsets"]))
        rates = []
        for encode in (tokenizer.encode_batch_fast, tokenizer.encode_batch):
            start = time.perf_counter()
            encode(texts)
            rates.append(size / (time.perf_counter() - start))
        theirs.append(rates)
    fastest = [(max(row[kind] for row in ours), max(row[kind] for row in theirs)) for kind in (0, 1)]
    names = ("ids", "with_offsets")
    return {name: {"attune": round(a, 2), "tokenizers": round(b, 2), "times": round(a / b, 1)} for name, (a, b) in zip(names, fastest)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tokenizers", nargs="+")
    parser.add_argument("--texts", action="append", required=True)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bench", default=".build/release/attune-bench")
    options = parser.parse_args()
    sets = {path: read(path) for path in options.texts}
    with tempfile.TemporaryDirectory() as folder:
        hostile = strings([text for texts in sets.values() for text in texts], options.count)
        write(f"{folder}/strings.jsonl", hostile)
        for number, texts in enumerate(sets.values()):
            texts[5_000_000 // (1 + sum(map(len, texts)) // len(texts)) :] = []
            write(f"{folder}/{number}.jsonl", texts)
        for path in options.tokenizers:
            print(json.dumps({"tokenizer": path, **compare(options.bench, path, folder, hostile)}), flush=True)
            for number, (name, texts) in enumerate(sets.items() if options.rounds else ()):
                rates = speed(options.bench, path, f"{folder}/{number}.jsonl", texts, options.rounds)
                print(json.dumps({"tokenizer": path, "texts": os.path.basename(name), "megabytes_per_second": rates}), flush=True)


if __name__ == "__main__":
    main()
