# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of normal forms and grapheme clusters from what the `tokenizers` package does.

Compatibility decompositions come from its NFKD, exclusions from its NFC, marks from its StripAccents. It shows clusters
only through Precompiled, which replaces a whole cluster of fewer than six bytes by a rule that matches its beginning:
a rule for two scalars together tells whether a cluster begins with the first of them. Syllables of Hangul and regional
indicators are left out: they are fixed ranges.

    pip install tokenizers==0.23.3
    python make_normal_form_tables.py ../../../Sources/AttuneTokenizers/Normalization
"""
import sys

from charsmap import charsmap
from make_unicode_tables import HEADER, SCALARS, gaps, literal, ranges
from tokenizers import normalizers

ACUTE, JOINER = "\u0301", "\u200d"


def finds(rule):
    """-> whether a cluster that begins with the rule's two scalars begins in the text"""
    normalize = normalizers.Precompiled(charsmap({rule: "!"})).normalize_str
    return lambda text: "!" in normalize(text)


def cluster_classes():
    finds_letter, finds_marks = finds("a" + ACUTE), finds(ACUTE + "\u0302")
    finds_symbol, finds_consonant = finds("\u00a9" + ACUTE), finds("\u0915" + ACUTE)
    finds_vowel, finds_tail = finds("\u1161" + ACUTE), finds("\u11a8" + ACUTE)
    normalize = normalizers.Precompiled(charsmap({"a": "!"})).normalize_str
    found = {name: [] for name in CLASSES}
    for c in SCALARS:
        s = chr(c)
        if finds_marks(s + ACUTE + "\u0302"):
            name = "control"
        elif c != 0x61 and normalize("a" + s) == "!":
            name = "spacing" if finds_symbol("\u00a9" + s + JOINER + "\u00a9" + ACUTE) else "extending"
            if not finds_consonant("\u0915" + s + "\u0915" + ACUTE):
                found["linker"].append(c)
            else:
                # Whatever extends stands inside a conjunct, and so does the zero width joiner; its opposite does not.
                passes = not finds_consonant("\u0915\u094d" + s + "\u0915" + ACUTE)
                assert passes == (name == "extending" and c != 0x200C or c == 0x200D), hex(c)
        elif not finds_letter(s + "a" + ACUTE):
            name = "prepended"
        elif not finds_vowel(s + "\u1161" + ACUTE):
            if 0xAC00 <= c <= 0xD7A3:
                assert (c - 0xAC00) % 28 == 0
                continue
            name = "lead" if finds_tail(s + "\u11a8" + ACUTE) else "vowel"
        elif not finds_tail(s + "\u11a8" + ACUTE):
            if 0xAC00 <= c <= 0xD7A3:
                continue
            name = "tail"
        elif not finds_symbol(s + JOINER + "\u00a9" + ACUTE):
            name = "pictographic"
        elif not finds_consonant(s + "\u094d\u0915" + ACUTE):
            name = "consonant"
        else:
            continue
        found[name].append(c)
    return found


CLASSES = {
    "control": "Grapheme_Cluster_Break=Control, with CR and LF",
    "extending": "Grapheme_Cluster_Break=Extend",
    "spacing": "Grapheme_Cluster_Break=SpacingMark, with the zero width joiner",
    "prepended": "Grapheme_Cluster_Break=Prepend",
    "lead": "Hangul leading consonants",
    "vowel": "Hangul vowels",
    "tail": "Hangul trailing consonants",
    "pictographic": "Extended_Pictographic",
    "consonant": "Indic_Conjunct_Break=Consonant",
    "linker": "Indic_Conjunct_Break=Linker, of those that extend",
}


def write(path, body):
    with open(path, "w") as f:
        f.write(HEADER.replace("make_unicode_tables", "make_normal_form_tables") + "\n" + body)


def main(folder):
    nfd, nfkd = normalizers.NFD().normalize_str, normalizers.NFKD().normalize_str
    nfc, strip = normalizers.NFC().normalize_str, normalizers.StripAccents().normalize_str
    compatible, excluded, marks, previous = [], [], [], 0
    for c in SCALARS:
        s = chr(c)
        if nfkd(s) != nfd(s):
            compatible.append([c - previous, *map(ord, nfkd(s))])
            previous = c
        if nfd(s) != s and nfc(s) != s:
            excluded.append(c)
        if strip("a" + s) == "a":
            marks.append(c)
    write(
        f"{folder}/CompatibilityTable.swift",
        "extension UnicodeTables {\n"
        + "\n".join(
            [
                literal("compatibility", "Full compatibility decompositions where they differ: (gap, scalars…).", compatible),
                literal("compositionExclusions", "What decomposes and is never composed: (gap, length).", gaps(ranges(excluded))),
                literal("marks", "Combining marks of all kinds: (gap, length).", gaps(ranges(marks))),
            ]
        )
        + "}\n",
    )
    classes = cluster_classes()
    write(
        f"{folder}/ClusterTable.swift",
        "extension UnicodeTables {\n"
        + "\n".join(literal(f"{name}Clusters", f"{CLASSES[name]}: (gap, length).", gaps(ranges(rows))) for name, rows in classes.items())
        + "}\n",
    )
    for name, rows in classes.items():
        print(name, len(rows))


if __name__ == "__main__":
    main(sys.argv[1])
