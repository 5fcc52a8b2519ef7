# SPDX-License-Identifier: Apache-2.0
"""Few examples of each label: plain fine-tuning, a head on the frozen encoder, and learning from pairs.

    python3 Benchmarks/few_examples.py TRAIN.csv TEST.csv --from MODEL [--counts 8,16,64] [--seeds 3] [--threads 2] [--attune PATH]

Draws so many rows of each label from the training file, trains on them in the three ways, and prints the accuracy on the
test file. That is handed to `attune train` as the validation file: it chooses the best epoch of plain fine-tuning, and
nothing in the other two ways. Needs nothing but Python.
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--from", dest="origin", required=True)
    parser.add_argument("--counts", default="8,16,64")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--attune", default="attune")
    parser.add_argument("--threads", default="2")
    arguments = parser.parse_args()
    all_rows = rows(arguments.train)
    print("| texts a label | way | accuracy | of each draw | seconds |\n| ---: | --- | ---: | --- | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        data, run = os.path.join(folder, "drawn.csv"), os.path.join(folder, "run")
        for count in map(int, arguments.counts.split(",")):
            for way in arguments.ways.split(","):
                scores, seconds = [], []
                for seed in range(arguments.seeds):
                    draw(all_rows, count, seed, data)
                    command = [
                        arguments.attune, "train", "classifier", data, "--validation", arguments.test, "--from",
                        arguments.origin, "--output", run, "--overwrite", "--json", "--quiet",
                        "--threads", arguments.threads, *WAYS[way]]
                    if not os.path.exists(run):
                        command.remove("--overwrite")
                    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
                    scores.append(result["accuracy"])
                    seconds.append(result["cost"]["seconds"])
                each = ", ".join(f"{score:.3f}" for score in scores)
                print(f"| {count} | {way} | {statistics.mean(scores):.3f} | {each} | {statistics.mean(seconds):.0f} |", flush=True)


main()
