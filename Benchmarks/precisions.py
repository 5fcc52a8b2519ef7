# SPDX-License-Identifier: Apache-2.0
"""Trains the same classifier in each precision with several seeds and prints how well it ends.

  python3 Benchmarks/precisions.py train.csv --validation dev.csv --from all-MiniLM-L6-v2 --epochs 2

Rows are printed as they are for Benchmarks/RESULTS.md; the range over the seeds is the noise that a difference is to be judged by.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file", help="CSV with the columns text and label, gzip or not")
parser.add_argument("--validation", required=True)
parser.add_argument("--from", dest="origin", required=True, help="folder of a model, bundled or scratch")
parser.add_argument("--epochs", default="2")
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16", "int16"])
parser.add_argument("--attune", default=".build/release/attune")
options = parser.parse_args()


def run(precision, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [options.attune, "train", "classifier", options.file, "--validation", options.validation, "--from",
                   options.origin, "--output", str(Path(folder) / "run"), "--epochs", options.epochs, "--precision",
                   precision, "--seed", str(seed), "--quiet", "--json"]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return 100 * report["accuracy"], report["cost"]["tokens_per_second"]


# The precisions take turns, so that a machine that slows down slows all of them.
results = {precision: [] for precision in options.precisions}
for seed in range(1, options.seeds + 1):
    for precision in options.precisions:
        results[precision].append(run(precision, seed))

print("| products in | accuracy, mean | by seed | tokens/s, median |\n| --- | --: | --- | --: |")
for precision, found in results.items():
    scores = [score for score, _ in found]
    print(f"| {precision} | {statistics.mean(scores):.2f} % | {', '.join(f'{score:.2f}' for score in scores)} "
          f"| {statistics.median(speed for _, speed in found):,.0f} |")
