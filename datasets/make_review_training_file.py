# SPDX-License-Identifier: Apache-2.0
"""Joins several sets of reviews into the file that the bundled classifier is trained on.

    python3 datasets/make_review_training_file.py FOLDER OUTPUT.csv [SET…]

FOLDER holds the sets (else imdb_train.csv.gz, sst2_train_phrases.csv.gz, sst2_train_sentences.csv.gz, cr.csv and
uci_sentences.csv) and sst2_dev.csv, each with the columns text and label (0 negative, 1 positive, or these names). The reviews
of this package (reviews_train.csv, beside this script) join them; a set may also be named by its path. A text that equals a text
of sst2_dev.csv, or contains one, or is contained in one, is left out, so that SST-2 dev is not trained on; texts are compared by
their letters and digits alone. The model card names where each set comes from.
"""
import csv
import gzip
import pathlib
import sys
import unicodedata

SHORTEST_FRAGMENT = 20
NAMES = {"0": "negative", "1": "positive"}


def rows(path):
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["text"], row["label"]


def key(text):
    folded = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in folded if c in "abcdefghijklmnopqrstuvwxyz0123456789")


class Reserved:
    """Knows whether a text stands in a set that must not be trained on."""

    def __init__(self, texts):
        self.keys = {key(text) for text in texts}
        self.joined = "\n".join(k for k in self.keys if len(k) >= SHORTEST_FRAGMENT)
        self.starts = {}
        for k in self.keys:
            if len(k) >= SHORTEST_FRAGMENT:
                self.starts.setdefault(k[:SHORTEST_FRAGMENT], []).append(k)

    def __contains__(self, text):
        k = key(text)
        if k in self.keys or (len(k) >= SHORTEST_FRAGMENT and k in self.joined):
            return True
        return any(
            k.startswith(candidate, place)
            for place in range(max(0, len(k) - SHORTEST_FRAGMENT + 1))
            for candidate in self.starts.get(k[place:place + SHORTEST_FRAGMENT], ())
        )


SETS = ["imdb_train.csv.gz", "sst2_train_phrases.csv.gz", "sst2_train_sentences.csv.gz", "cr.csv", "uci_sentences.csv"]


def main(folder, output, *sets):
    folder, here = pathlib.Path(folder), pathlib.Path(__file__).parent
    reserved = Reserved(text for text, _ in rows(folder / "sst2_dev.csv"))
    # A path that is not in the folder is one of its own.
    sources = [folder / name if (folder / name).exists() else pathlib.Path(name) for name in sets or SETS]
    sources.append(here / "reviews_train.csv")
    seen = set()
    with open(output, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        for source in sources:
            kept = dropped = 0
            for text, label in rows(source):
                k = key(text)
                if not k or k in seen or text in reserved:
                    dropped += 1
                    continue
                seen.add(k)
                writer.writerow([text, NAMES.get(label, label)])
                kept += 1
            print(f"{source.name}: {kept} kept, {dropped} dropped", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
