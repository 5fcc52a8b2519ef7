# SPDX-License-Identifier: Apache-2.0
"""Few examples of each label: plain fine-tuning, a head on the frozen encoder, and learning from pairs.

    python3 Benchmarks/few_examples.py TRAIN.csv TEST.csv --from MODEL [--counts 8,16,64] [--seeds 3] [--threads 2] [--attune PATH]

Draws so many rows of each label from the training file, trains on them in the three ways, and prints the accuracy on the
test file, which neither training nor the choice of a model sees: the model of the last step is measured. All ways get the
same draws. Plain fine-tuning makes --steps steps, since its usual passes are a handful of steps with so few rows. Other rows
of the training file stand in for the validation file that each run wants. Needs nothing but Python.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile

from labelled import draw, rows

WAYS = {
    "plain": ["--few-shot", "off"],
    "frozen": ["--few-shot", "on", "--freeze", "encoder"],
    "few-shot": ["--few-shot", "on"],
}
VALIDATION = 10  # rows of each label


def run(command):
    """What a command prints as JSON."""
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measure(options, way, data, validation, folder):
    """The accuracy on the test file, and the seconds of the training."""
    shared = ["--json", "--quiet", "--threads", options.threads]
    steps = ["--max-steps", options.steps] if way == "plain" else []
    overwrite = ["--overwrite"] if os.path.exists(folder) else []
    trained = run([
        options.attune, "train", "classifier", data, "--validation", validation, "--from", options.origin,
        "--output", folder, *overwrite, *shared, *WAYS[way], *steps])
    tested = run([options.attune, "evaluate", options.test, "--model", os.path.join(folder, "last"), *shared])
    return tested["accuracy"], trained["cost"]["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--from", dest="origin", required=True)
    parser.add_argument("--counts", default="8,16,64")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--steps", default="100", help="of plain fine-tuning")
    parser.add_argument("--attune", default="attune")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    all_rows = rows(options.train)
    print("| texts a label | way | accuracy | of each draw | seconds |\n| ---: | --- | ---: | --- | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        data, validation = (os.path.join(folder, name) for name in ("drawn.csv", "others.csv"))
        for count in map(int, options.counts.split(",")):
            for way in options.ways.split(","):
                scores, seconds = [], []
                for seed in range(options.seeds):
                    draw(all_rows, count, seed, data, validation, VALIDATION)
                    score, cost = measure(options, way, data, validation, os.path.join(folder, "run"))
                    scores.append(score)
                    seconds.append(cost)
                each = ", ".join(f"{score:.3f}" for score in scores)
                print(f"| {count} | {way} | {statistics.mean(scores):.3f} | {each} | {statistics.mean(seconds):.0f} |", flush=True)


main()
