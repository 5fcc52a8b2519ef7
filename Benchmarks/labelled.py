# SPDX-License-Identifier: Apache-2.0
"""Tables of labelled texts, and draws of a few rows from them."""
import csv
import gzip
import random


def rows(path):
    """-> (text, label) of each row of a CSV with these columns, gzip or not"""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def write(path, chosen, generator):
    """Writes rows in a drawn order."""
    generator.shuffle(chosen)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(chosen)


def draw(all_rows, count, seed, path, validation=None, validation_count=0):
    """Writes different rows, `count` of each label, and others to `validation`; the same ones for the same seed."""
    generator, chosen, others = random.Random(seed), [], []
    for label in sorted({label for _, label in all_rows}):
        drawn = generator.sample(sorted({row for row in all_rows if row[1] == label}), count + validation_count)
        chosen += drawn[:count]
        others += drawn[count:]
    write(path, chosen, generator)
    if validation:
        write(validation, others, generator)
