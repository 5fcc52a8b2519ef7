# SPDX-License-Identifier: Apache-2.0
"""Rows 9 and 10: labels for the rows of a CSV of real reviews by a MiniLM-sized 8-bit classifier; memory on a large one."""
import csv
import os

from turns import HERE, heading, measured, number, ranged, spread, table, verdict

from rows.prepare import read, write_table
from rows.profile import profile

COLUMNS = ("prediction", "label")
LARGE = (100, 300, 1000)  # megabytes


def accuracy(path):
    """Rows, share of right labels, and the labels."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(row["prediction"], "positive" if row["label"] == "1" else "negative") for row in csv.DictReader(file)]
    return len(rows), sum(found == wanted for found, wanted in rows) / len(rows), [found for found, _ in rows]


def run(options):
    return large(options) if options.row == 10 else labels(options)


def classify(options, path, output):
    return [options.attune, "classify", "--model", os.path.join(options.work, "classifier-int8"), "--input", path, "--output",
            output, "--overwrite", "--threads", str(options.threads), "--quiet"]


def labels(options):
    options.rounds = min(options.rounds or 4, 4)
    heading("Row 9: a CSV of reviews, 8-bit classifier", options)
    parts = range(options.rounds)
    outputs = {name: os.path.join(options.work, f"labelled-{name}.csv") for name in ("Attune", "peer")}
    found = {name: [] for name in outputs}
    memory, right, same = dict.fromkeys(outputs, 0.0), {name: [] for name in outputs}, []
    for part in parts:
        table_path = os.path.join(options.work, f"reviews-{part}.csv")
        commands = {
            "Attune": classify(options, table_path, outputs["Attune"]),
            "peer": [
                options.python, os.path.join(HERE, "peer_table.py"), os.path.join(options.work, "classifier"), table_path,
                outputs["peer"], "--threads", str(options.threads)]}
        answers = {}
        for name, command in commands.items():
            _, seconds, peak = measured(command, options)
            count, share, answers[name] = accuracy(outputs[name])
            found[name].append(count / seconds)
            right[name].append(share)
            memory[name] = max(memory[name], peak)
        same.append(sum(a == b for a, b in zip(answers["Attune"], answers["peer"])) / len(answers["peer"]))
    print(f"{len(parts)} files of 5 MB, the whole process each time; the same labels in {100 * sum(same) / len(same):.1f} % of the "
          "rows.\n")
    table(["", "rows/s, median", "range", "right labels", "peak memory, MiB"], [
        ["Attune" if name == "Attune" else "csv, tokenizers, ONNX Runtime int8", ranged(values),
         f"{100 * sum(right[name]) / len(right[name]):.1f} %", number(memory[name])] for name, values in found.items()])
    medians = {name: spread(values)["median"] for name, values in found.items()}
    if options.profile:
        profile(classify(options, os.path.join(options.work, "reviews-0.csv"), outputs["Attune"]), options)
    return {"row": 9, **verdict(medians["Attune"] / medians["peer"], 1.6, "as fast as the Python pipeline"),
            "rows_per_second": {name: spread(values) for name, values in found.items()}, "accuracy": right, "same": same}


def large(options):
    """Memory on tables of 100 MB, 300 MB and 1 GB (up to --texts megabytes), by the model that is compiled in.

    A row is 16 reviews, most of which is beyond the model's window: all is read and cut into tokens, in minutes.
    """
    options.rounds = 1
    heading("Row 10: memory on a large CSV, bundled classifier", options)
    made = {}
    for megabytes in (size for size in LARGE if size <= (options.texts or LARGE[-1])):
        path, output = (os.path.join(options.work, name) for name in ("large.csv", "large-labelled.csv"))
        reviews = []
        for part in range(4):
            reviews += read(os.path.join(options.work, f"reviews-{part}.csv"))
        joined = [(" ".join(text for text, _ in reviews[first:first + 16]), "0") for first in range(0, len(reviews), 16)]
        write_table(path, joined, megabytes * 1_000_000)
        _, seconds, peak = measured([
            options.attune, "classify", "--input", path, "--output", output, "--overwrite", "--threads", str(options.threads),
            "--quiet"], options)
        made[megabytes] = (seconds, peak)
        for name in (path, output):
            os.remove(name)
    table(["MB", "seconds", "MB/s", "peak memory, MiB"], [
        [number(size), number(seconds), f"{size / seconds:.1f}", number(peak)] for size, (seconds, peak) in made.items()])
    return {"row": 10, "runs": {str(size): {"seconds": seconds, "peak_mib": peak} for size, (seconds, peak) in made.items()}}
