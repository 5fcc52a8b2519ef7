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


def draw(all_rows, count, seed, path):
    """Writes `count` rows of each label as a CSV; the same ones for the same seed."""
    chosen, generator = [], random.Random(seed)
    for label in sorted({label for _, label in all_rows}):
        chosen += generator.sample([row for row in all_rows if row[1] == label], count)
    generator.shuffle(chosen)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(chosen)
