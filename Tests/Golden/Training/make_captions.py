# SPDX-License-Identifier: Apache-2.0
"""Makes captions.json: BLEU, ROUGE-L and CIDEr-D of pycocoevalcap for sets of captions, and its tokenizer's words.

usage: python make_captions.py DATASETS > captions.json

DATASETS is the folder with the emoji; the tokenizer needs Java.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer import ptbtokenizer

LINES = """
A dog's ball rolls into the neighbours' garden, but it isn't lost.
Two cats (one black, one white) sleep on a sofa.
"Stop!" says the sign at the corner.
It's 10:30 a.m. in the U.S. and they're still asleep.
Mr. and Mrs. Smith met Dr. Jones at St. Mary's on Oct. 5.
The twelve-year-old boy's T-shirt costs $5.50, or 5.00 euros, 10% off.
A woman cannot reach the 1,000 flowers and/or the 1/2 cup.
The girl’s hat doesn’t fit; we’ve seen “larger” ones…
We ca n't see the man 's face .
Rock 'n' roll in the '90s: who'd've thought?
A player in a #8 jersey -- number eight -- runs home.
An o'clock, an o'neil, un café à l'été, ma'am.
[sic] {braces} and (round ones).
what?! no!! why?
gonna wanna gotta gimme lemme cannot
She said no. He left... then 'she' left.
A man, e.g. a boy, in a fire dept. van near the corner.
It sells fish &amp; chips - and tea.
No. 5 is alive, said no one.
the t-shirts' colours, Dogs'
a--b c---d e - f
3.5m of 10km/h at 5pm
x = y + z * 2 at 20°
""".strip().split("\n")

# A caption, then its references.
WRITTEN = [
    ("a dog runs across the grass", ["a brown dog runs across the green grass", "a dog is running in a field",
                                     "the dog runs over grass"]),
    ("a man rides a bicycle down the street", ["a man rides a bicycle down the street"]),
    ("two children play with a red ball", ["two kids are playing with a ball", "children play with a red ball outside",
                                           "two children kick a red ball", "a boy and a girl play",
                                           "two children play"]),
    ("a a a a a a", ["a cat sleeps on a chair", "a cat on a chair"]),
    ("", ["a bird sits on a branch", "a bird"]),
    ("snow", ["snow covers the mountain", "a mountain with snow"]),
    ("the the cat sat on the mat and the cat slept on the mat", ["the cat sat on the mat", "the cat slept on the mat"]),
    ("nothing here agrees", ["a train passes a small station", "the red train"]),
    ("a train", ["a train passes a small station"]),
    ("a red train passes a small station in the morning", ["a train passes a small station", "the red train", "train"]),
    ("ein hund läuft über die wiese", ["ein hund läuft über eine wiese", "der hund läuft"]),
]


def java_words(lines):
    folder = os.path.dirname(ptbtokenizer.__file__)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        output = subprocess.run(
            ["java", "-cp", os.path.join(folder, ptbtokenizer.STANFORD_CORENLP_3_4_1_JAR),
             "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", file.name],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode().split("\n")
    return [[word for word in line.split() if word not in ptbtokenizer.PUNCTUATIONS]
            for line in output[:len(lines)]]


def scores(pairs):
    written = {index: [caption] for index, (caption, _) in enumerate(pairs)}
    references = {index: list(lines) for index, (_, lines) in enumerate(pairs)}
    bleu, bleus = Bleu(4).compute_score(references, written, verbose=0)
    rouge, rouges = Rouge().compute_score(references, written)
    cider, ciders = Cider().compute_score(references, written)
    return dict(captions=[caption for caption, _ in pairs], references=[lines for _, lines in pairs], bleu=bleu,
                rouge=float(rouge), cider=float(cider), bleus=[list(row) for row in zip(*bleus)],
                rouges=[float(score) for score in rouges], ciders=[float(score) for score in ciders])


def emoji(folder):
    """Names with words left out, doubled or taken from elsewhere; the references are names and keywords."""
    with open(os.path.join(folder, "emoji_valid_captions.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::4]
    names = [" ".join(words) for words in java_words([row["caption"] for row in rows])]
    keywords = [[" ".join(words) for words in java_words(row["keywords"].split(" | "))] for row in rows]
    draw = random.Random(7)
    pairs = []
    for index, (name, keys) in enumerate(zip(names, keywords)):
        words = name.split()
        written = [word for word in words if draw.random() < 0.8]
        if draw.random() < 0.3:
            written += draw.choice(names).split()
        if draw.random() < 0.2:
            written = written[::-1]
        pairs.append((" ".join(written), [name] + keys[:index % 4]))
    return pairs, [row["caption"] for row in rows], names


pairs, captions, names = emoji(sys.argv[1])
json.dump(dict(
    words=[dict(line=line, words=words) for line, words in zip(LINES, java_words(LINES))],
    names=[dict(line=line, words=name.split()) for line, name in zip(captions, names)],
    sets=[scores(WRITTEN), scores(pairs), scores(WRITTEN[2:3]), scores(WRITTEN[4:6])]), sys.stdout)
