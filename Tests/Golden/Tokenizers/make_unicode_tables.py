# SPDX-License-Identifier: Apache-2.0
"""Writes the three table files of Sources/AttuneTokenizers/Normalization from what the `tokenizers` package does.

Every scalar is put through its BertNormalizer, BertPreTokenizer, Lowercase and NFD, so the tables hold the Unicode
versions that published BERT vocabularies were made with (they are older than the system's, and not all the same).
Canonical combining classes, which the package does not show, come from Python and are checked against its NFD.

    pip install tokenizers==0.23.3
    python make_unicode_tables.py ../../../Sources/AttuneTokenizers/Normalization
"""
import sys
import textwrap
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
HEADER = "// SPDX-License-Identifier: Apache-2.0\n// Written by Tests/Golden/Tokenizers/make_unicode_tables.py.\n"


def bert(**on):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **on}).normalize_str


def ranges(scalars):
    found = []
    for c in scalars:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def gaps(rows):
    """Rows (first, last, ...) -> numbers: distance from the end of the row before, length, the rest."""
    end = 0
    for first, last, *rest in rows:
        yield [first - end, last - first + 1, *rest]
        end = last + 1


def literal(name, summary, rows):
    text = ", ".join(" ".join(f"{n:x}" if n >= 0 else f"-{-n:x}" for n in row) for row in rows)
    lines = textwrap.wrap(text, 94, break_long_words=False, break_on_hyphens=False)
    body = "".join(f"    {line} \\\n" for line in lines[:-1]) + f"    {lines[-1]}\n"
    return f'  /// {summary}\n  static let {name}: StaticString = """\n{body}    """\n'


def lowercase_rules(mapping):
    """(first, last, stride, difference) of scalars with one lowercase scalar each."""
    rules = []
    for c in sorted(mapping):
        difference = ord(mapping[c]) - c
        if rules:
            rule = rules[-1]
            stride = c - rule[1]
            if rule[3] == difference and (stride == rule[2] or (rule[0] == rule[1] and stride <= 2)):
                rule[1], rule[2] = c, stride
                continue
        rules.append([c, c, 1, difference])
    return rules


def classes_of_splits(folder):
    """The sets that the patterns of pre-tokenizers name, each by what is cut."""
    levels = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    words, digits = pre_tokenizers.Whitespace().pre_tokenize_str, pre_tokenizers.Digits().pre_tokenize_str
    spaces = pre_tokenizers.WhitespaceSplit().pre_tokenize_str
    removing = pre_tokenizers.Split(Regex(r"\s"), "removed").pre_tokenize_str
    cut, bert = pre_tokenizers.Punctuation().pre_tokenize_str, pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    letters, numbers, parts, numerals = [], [], [], []
    for c in SCALARS:
        s = chr(c)
        is_space = not spaces(s)
        assert is_space == (not removing(s)) == (not words(s)), hex(c)
        assert len(cut(f"a{s}b")) == (3 if len(bert(f"a{s}b")) == 3 else 1), hex(c)
        if len(levels("a" + s)) == 1:
            letters.append(c)
        if len(levels("1" + s)) == 1:
            numbers.append(c)
        if not is_space and len(words("a" + s)) == 1:
            parts.append(c)
        if len(digits("a" + s)) == 2:
            numerals.append(c)
    with open(f"{folder}/ClassTables.swift", "w") as f:
        f.write(
            HEADER
            + "\nextension UnicodeTables {\n"
            + "\n".join(
                [
                    literal("letters", "The letters of regular expressions: (gap, length).", gaps(ranges(letters))),
                    literal("numbers", "The numbers of regular expressions: (gap, length).", gaps(ranges(numbers))),
                    literal("wordParts", "What words are made of in regular expressions: (gap, length).", gaps(ranges(parts))),
                    literal("numerals", "Digits and other numerals, which the Digits pre-tokenizer cuts: (gap, length).", gaps(ranges(numerals))),
                ]
            )
            + "}\n"
        )


def main(folder):
    classes_of_splits(folder)
    clean, accents, chinese = bert(clean_text=True), bert(strip_accents=True), bert(handle_chinese_chars=True)
    lower, nfd = normalizers.Lowercase().normalize_str, normalizers.NFD().normalize_str
    words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    removed, space, marks, ideographs, punctuation, lowered, decomposed, classes = [], [], [], [], [], {}, {}, []
    for c in SCALARS:
        s = chr(c)
        if clean("a" + s + "b") == "ab":
            removed.append(c)
        if chinese(s) != s:
            ideographs.append(c)
        if lower(s) != s:
            lowered[c] = lower(s)
        if nfd(s) != s:
            decomposed[c] = nfd(s)
        elif accents("a" + s) == "a":
            marks.append(c)
        pieces = len(words("a" + s + "b"))
        if pieces == 3:
            punctuation.append(c)
        elif pieces == 2:
            space.append(c)
        if c not in decomposed:
            after = nfd("a" + s + "\u0334") != "a" + s + "\u0334"
            before = nfd("a\u0345" + s) != "a\u0345" + s
            combining = unicodedata.combining(s) if after or before else 0
            assert after == (combining > 1) and before == (0 < combining < 240), hex(c)
            if combining:
                if classes and classes[-1][1] == c - 1 and classes[-1][2] == combining:
                    classes[-1][1] = c
                else:
                    classes.append([c, c, combining])
    many = {c: s for c, s in lowered.items() if len(s) > 1}
    assert many == {0x130: "i\u0307"}, many
    del lowered[0x130]
    hangul = [c for c in decomposed if 0xAC00 <= c <= 0xD7A3]
    assert len(hangul) == 11172
    for c in hangul:
        del decomposed[c]
    previous, rows = 0, []
    for c in sorted(decomposed):
        rows.append([c - previous, *map(ord, decomposed[c])])
        previous = c
    with open(f"{folder}/UnicodeTables.swift", "w") as f:
        f.write(
            HEADER
            + "\n/// Sets and mappings of Unicode scalars, as hexadecimal rows that `ScalarTable` reads.\n"
            + "enum UnicodeTables {\n"
            + "\n".join(
                [
                    literal("removed", "Controls, formats, private use and U+FFFD: (gap, length).", gaps(ranges(removed))),
                    literal("whitespace", "White space: (gap, length).", gaps(ranges(space))),
                    literal("ideographs", "Scalars that become words of their own: (gap, length).", gaps(ranges(ideographs))),
                    literal("punctuation", "Punctuation with the symbols of ASCII: (gap, length).", gaps(ranges(punctuation))),
                    literal("nonspacingMarks", "Marks that accent stripping removes: (gap, length).", gaps(ranges(marks))),
                    literal("combiningClasses", "Canonical combining classes: (gap, length, class).", gaps(classes)),
                    literal("lowercase", "Lowercase: (first, last, stride, difference), U+0130 aside.", lowercase_rules(lowered)),
                ]
            )
            + "}\n"
        )
    with open(f"{folder}/DecompositionTable.swift", "w") as f:
        f.write(
            HEADER
            + "\nextension UnicodeTables {\n"
            + literal("decompositions", "Full canonical decompositions, Hangul aside: (gap, scalars…).", rows)
            + "}\n"
        )


if __name__ == "__main__":
    main(sys.argv[1])
