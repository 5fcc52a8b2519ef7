# SPDX-License-Identifier: Apache-2.0
"""Compares `attune embed` with sentence-transformers on this machine: the vectors, and the time of both in turns.

    python3 Benchmarks/embed.py --model all-MiniLM-L6-v2 --texts reviews.csv --count 1000

Both embed the same texts from the same folder in processes of their own, once each a round; loading the model is not in the times
of the tables, which are of texts alone, but in those of the whole process. sentence-transformers sorts by length and pads each batch.
"""
import argparse
import csv
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CARD = (["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."], [0.6660, 0.1046, 0.1411])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attune", default=str(HERE.parent / ".build/release/attune"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", required=True, help="CSV with a column named text")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32, help="texts in a batch of sentence-transformers")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    return parser.parse_args()


def read(path, count):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return [row["text"] for _, row in zip(range(count), csv.DictReader(file))]


def peer(options):
    """Runs in a process of its own: embeds, saves the vectors, prints the time of the texts alone."""
    import numpy
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(options.threads)
    model = SentenceTransformer(options.model, device="cpu")
    texts = read(options.texts, options.count)
    model.encode(texts[:8])
    start = time.perf_counter()
    vectors = model.encode(texts, batch_size=options.batch)
    seconds = time.perf_counter() - start
    numpy.save(options.peer, vectors)
    card = model.encode(CARD[0])
    similarities = model.similarity(card, card)
    print(json.dumps({
        "seconds": seconds, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "card": [similarities[i][j].item() for i, j in [(0, 1), (0, 2), (1, 2)]]}))


def attune(options, command):
    """Runs a program of ours; returns its output, its seconds and its peak memory."""
    start = time.perf_counter()
    process = subprocess.Popen([options.attune] + command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"attune {command[0]} failed")
    return output, time.perf_counter() - start, usage.ru_maxrss / 1024


def main(options):
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        texts = read(options.texts, options.count)
        name = f"{folder}/texts.csv"
        with open(name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["text"]] + [[text] for text in texts])
        common = ["--model", options.model, "--threads", str(options.threads)]
        ours, theirs = f"{folder}/ours.npy", f"{folder}/theirs.npy"
        rates, whole, peaks = ([], []), ([], []), ([], [])
        for _ in range(options.rounds):
            loading = attune(options, ["embed", *common, "--json", "a"])[1]
            _, seconds, peak = attune(
                options, ["embed", *common, "--input", name, "--output", ours, "--overwrite"])
            rates[0].append(len(texts) / (seconds - loading))
            whole[0].append(seconds)
            peaks[0].append(peak)
            start = time.perf_counter()
            run = subprocess.run(
                [sys.executable, __file__, "--peer", theirs, "--model", options.model, "--texts", name, "--count",
                 str(options.count), "--threads", str(options.threads), "--batch", str(options.batch)],
                check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": str(options.threads)})
            whole[1].append(time.perf_counter() - start)
            found = json.loads(run.stdout.strip().splitlines()[-1])
            rates[1].append(len(texts) / found["seconds"])
            peaks[1].append(found["peak_mib"])
        worst = abs(numpy.load(ours) - numpy.load(theirs)).max()
        print("| | texts/s, median | range | whole process, s | peak memory, MiB |")
        print("| --- | --: | --: | --: | --: |")
        for index, contestant in enumerate(["Attune", "sentence-transformers"]):
            print(f"| {contestant} | {statistics.median(rates[index]):,.0f} | {min(rates[index]):,.0f} to "
                  f"{max(rates[index]):,.0f} | {statistics.median(whole[index]):.1f} | {max(peaks[index]):,.0f} |")
        print(f"\n{len(texts)} texts: vectors differ by at most {worst:.1e}.")
        document = json.loads(attune(options, ["similar", *common, "--json", *CARD[0]])[0])["similarities"]
        mine = [document[i][j] for i, j in [(0, 1), (0, 2), (1, 2)]]
        print(f"Similarities of {CARD[0]}: {mine}, sentence-transformers {found['card']}.")
        if worst > options.tolerance:
            sys.exit(f"the vectors differ by more than {options.tolerance}")


options = arguments()
peer(options) if options.peer else main(options)
