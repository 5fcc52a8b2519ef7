# SPDX-License-Identifier: Apache-2.0
"""Draws sentences of 4 to 30 words from texts, one a line, to be labelled by a teacher.

    python3 datasets/make_sentences.py TEXTS[.gz] OUTPUT.txt [--count 60000] [--seed 0]
"""
import argparse
import gzip
import random
import re


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", help="one text a line")
    parser.add_argument("output")
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    opened = gzip.open if options.texts.endswith(".gz") else open
    kept, seen, generator = [], 0, random.Random(options.seed)
    with opened(options.texts, "rt", encoding="utf-8") as lines:
        for line in lines:
            for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"'])", line.strip()):
                if not 4 <= len(sentence.split()) <= 30:
                    continue
                # Each sentence is kept with the same chance, however many follow.
                seen += 1
                if len(kept) < options.count:
                    kept.append(sentence)
                elif (place := generator.randrange(seen)) < options.count:
                    kept[place] = sentence
    with open(options.output, "w", encoding="utf-8") as output:
        output.writelines(sentence + "\n" for sentence in kept)


main()
