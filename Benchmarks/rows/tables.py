# SPDX-License-Identifier: Apache-2.0
"""Row 9: labels for the rows of a CSV of real reviews by a MiniLM-sized 8-bit classifier."""
import csv
import os

from arithmetic import Shape, token_lengths
from turns import HERE, apart, heading, measured, number, peaks, ranged, share, spread, table, verdict

from rows.prepare import CLASSIFIER_LENGTH, read
from rows.profile import profile

PARTS = 4  # files, of which each round reads another
PEER = "csv, tokenizers, ONNX Runtime int8"


def accuracy(path):
    """Rows, share of right labels, and the labels."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(row["prediction"], "positive" if row["label"] == "1" else "negative") for row in csv.DictReader(file)]
    return len(rows), sum(found == wanted for found, wanted in rows) / len(rows), [found for found, _ in rows]


def lengths_of_rows(work, path):
    texts = [text for text, _ in read(path)]
    return token_lengths(os.path.join(work, "classifier", "tokenizer.json"), texts, CLASSIFIER_LENGTH)


def contestants(options, path):
    """The command of each, and where it writes."""
    names = ["Attune", PEER, f"{PEER}, a batch a thread"][:3 if options.threads > 1 else 2]
    outputs = {name: os.path.join(options.work, f"labelled-{index}.csv") for index, name in enumerate(names)}
    ours = [options.attune, "classify", "--model", os.path.join(options.work, "classifier-int8"), "--input", path, "--output",
            outputs["Attune"], "--overwrite", "--threads", str(options.threads), "--quiet"]
    found = {"Attune": (ours, outputs.pop("Attune"))}
    for parallel, (name, output) in zip((1, options.threads), outputs.items()):
        found[name] = ([
            options.python, os.path.join(HERE, "peer_table.py"), os.path.join(options.work, "classifier"), path, output, "--threads",
            str(options.threads), "--parallel", str(parallel)], output)
    return found


def run(options):
    options.rounds = min(options.rounds or PARTS, PARTS)
    heading("Row 9: a CSV of reviews, 8-bit classifier", options)
    peak = peaks(options)["int8_gops"]
    rates, right, memory, same, lengths = {}, {}, {}, {}, []
    for part in range(options.rounds):
        path, labels = os.path.join(options.work, f"reviews-{part}.csv"), {}
        for name, (command, output) in contestants(options, path).items():
            _, seconds, used = measured(command, options)
            count, share_right, labels[name] = apart(accuracy, output)
            rates.setdefault(name, []).append(count / seconds)
            right.setdefault(name, []).append(share_right)
            memory[name] = max(memory.get(name, 0), used)
            same.setdefault(name, []).append(sum(a == b for a, b in zip(labels["Attune"], labels[name])) / count)
        lengths += apart(lengths_of_rows, options.work, path)
    work = Shape.of(os.path.join(options.work, "classifier")).texts(lengths) / len(lengths)
    medians = {name: spread(values)["median"] for name, values in rates.items()}
    print(f"{options.rounds} files of 5 MB, the whole process each time; {len(lengths):,} rows of {sum(lengths) / len(lengths):.0f} tokens "
          f"on average after cutting at {CLASSIFIER_LENGTH}, {work / 1e9:.2f} billion operations a row.\n")
    table(["", "rows/s, median", "range", "Attune is faster by", "share of the peak", "right labels", "labels as ours", "peak memory, MiB"], [
        [name, ranged(values), "" if name == "Attune" else f"{medians['Attune'] / medians[name]:.2f} times",
         share(work * medians[name], peak), f"{100 * sum(right[name]) / len(right[name]):.1f} %",
         f"{100 * sum(same[name]) / len(same[name]):.1f} %", number(memory[name])] for name, values in rates.items()])
    best = max((name for name in rates if name != "Attune"), key=medians.get)
    result = {"row": 9, **verdict(medians["Attune"] / medians[best], 1.6, f"as fast as {best}"), "peak_gops": peak,
              "operations_per_row": work, "rows_per_second": {name: spread(values) for name, values in rates.items()},
              "accuracy": right, "same": same}
    if options.profile:
        command, _ = contestants(options, os.path.join(options.work, "reviews-0.csv"))["Attune"]
        result["profile"] = profile(command, options)
    return result
