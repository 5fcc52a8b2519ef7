# SPDX-License-Identifier: Apache-2.0
"""Compares the vectors of `attune embed` with those of sentence-transformers from the same folder, number by number.

    pip install sentence-transformers numpy
    swift build -c release --product attune
    python3 Benchmarks/compare_embeddings.py all-MiniLM-L6-v2 --texts reviews.csv.gz [--count 1000] [--prompt-name query]

Prints one JSON object, and fails when any number differs by more than --tolerance.
"""
import argparse
import csv
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [place for place in sys.path if os.path.abspath(place or ".") != HERE]


def read(path, column):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        if ".csv" in path:
            return [row[column] for row in csv.DictReader(file)]
        return [line.rstrip("\n") for line in file]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="folder of sentence-transformers")
    parser.add_argument("--texts", required=True, help="CSV or lines, gzip or not")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--prompt-name")
    parser.add_argument("--attune", default=".build/release/attune")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    texts = read(options.texts, options.text_column)
    texts = random.Random(0).sample(texts, min(options.count, len(texts)))
    prompt = ["--prompt-name", options.prompt_name] if options.prompt_name else []
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/texts.jsonl", "w") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        subprocess.run([
            options.attune, "embed", "--model", options.model, "--input", f"{folder}/texts.jsonl", "--output",
            f"{folder}/vectors.npy", "--threads", str(options.threads), "--quiet", *prompt], check=True)
        import numpy

        ours = numpy.load(f"{folder}/vectors.npy").astype("float64")
    import sentence_transformers
    import torch

    torch.set_num_threads(options.threads)
    model = sentence_transformers.SentenceTransformer(options.model, device="cpu")
    theirs = model.encode(texts, batch_size=32, prompt_name=options.prompt_name).astype("float64")
    cosines = (ours * theirs).sum(1) / numpy.maximum(1e-30, numpy.linalg.norm(ours, axis=1) * numpy.linalg.norm(theirs, axis=1))
    worst = float(abs(ours - theirs).max())
    print(json.dumps({
        "model": options.model, "texts": len(texts), "numbers": ours.shape[1], "largest_difference": worst,
        "least_cosine": float(cosines.min()), "versions": {
            "sentence-transformers": sentence_transformers.__version__, "torch": torch.__version__}}))
    if worst > options.tolerance:
        sys.exit(f"{worst:.1e} apart, expected at most {options.tolerance:.0e}")


if __name__ == "__main__":
    main()
