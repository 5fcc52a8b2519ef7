# SPDX-License-Identifier: Apache-2.0
"""Writes tiny.model (unless it is there) and golden.json.gz with what `tokenizers` and `sentencepiece` make of hard strings.

The charsmap is a small one of the same kind as those of published models, which are too large to keep here: the
compatibility decompositions of the characters of the strings, and white space and controls as in nmt_nfkc.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3
    python make_unigram.py ../../../../datasets/reviews_train.csv
"""
import base64
import csv
import gzip
import json
import os
import random
import struct
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import sentencepiece  # noqa: E402
from charsmap import charsmap  # noqa: E402
from make_golden import BLANKS, SPICE, in_bytes, scalar  # noqa: E402
from tokenizers import Tokenizer, decoders, models, normalizers  # noqa: E402

FRENCH = """Où est la gare ? Il a mangé une pomme et bu un café crème. L'été dernier, nous sommes allés à la plage. C'est très
drôle, n'est-ce pas ? Ça m'a beaucoup plu. Je n'ai jamais vu un aussi mauvais film ! Garçon, l'addition, s'il vous plaît.""".replace("\n", " ").split(". ")
MARKS = [chr(c) for c in (*range(0x300, 0x370), 0x20E3, 0xFE0F, 0xFE0E, 0x200D, 0x200C, 0x94D, 0x93E, 0x903, 0x9CD, 0xE31, 0x1160, 0x11A8)]
MARKS += list("\u0600\u06dd\u0915\u0937\u0995\u1100\uac00\uac01\u00a9\u00ae\u2764\U0001f469\U0001f467\U0001f3fd\U0001f1eb\U0001f1f7\U0001f1e9\ufdfa\ufb01\u0e01\u00e9e")
META = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
SPLIT = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, META]}
SPACES = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
KINDS = {1: "normal", 2: "unknown", 3: "control", 4: "user", 6: "byte"}


def replace(pattern, content):
    return {"type": "Replace", "pattern": pattern, "content": content}


def sequence(*parts):
    return {"type": "Sequence", "normalizers": list(parts)}


def pipelines(precompiled, folding):
    """Like XLM-R, ALBERT, Barthez, an old file, Llama, and others with every normalizer."""
    simple = [{"type": name} for name in ("Nmt", "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Lowercase")]
    nmt, nfc, nfd, nfkc, nfkd, accents, lower = simple
    strip = {"type": "Strip", "strip_left": False, "strip_right": True}
    quotes = [replace({"String": "``"}, '"'), replace({"String": "''"}, '"')]
    breaks = replace({"Regex": "\\s{2,}|[\\n\\r\\t]"}, " ")
    first = {**META, "prepend_scheme": "first"}
    never = {**META, "prepend_scheme": "never", "split": False}
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    old = {"type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": True}
    bytewise = {
        "type": "Sequence",
        "decoders": [
            replace({"String": "▁"}, " "), {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0},
        ],
    }  # fmt: skip
    return [
        (precompiled, SPLIT, META, False),
        (sequence(*quotes, nfkd, accents, lower, folding, SPACES), SPLIT, META, False),
        (sequence(breaks, nfc, strip), old, old, False),
        (sequence({"type": "Prepend", "prepend": "▁"}, replace({"String": " "}, "▁")), None, bytewise, True),
        (sequence({**strip, "strip_left": True}, precompiled, nfd), {**SPLIT, "pretokenizers": [SPLIT["pretokenizers"][0], first]}, first, False),
        (sequence(nmt, nfkc, replace({"Regex": "\\s+"}, " ")), first, first, True),
        (sequence(nfkc, bert), never, never, False),
        (None, META, META, False),
    ]


def fields(data):
    """The fields of a protocol buffer message."""
    place = 0

    def varint():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 5:
            yield key >> 3, struct.unpack("<f", data[place : place + 4])[0]
            place += 4
        else:
            length = varint()
            yield key >> 3, data[place : place + length]
            place += length


def train(texts, rules):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/rules.tsv", "w", encoding="utf-8") as f:
            for key, value in sorted(rules.items()):
                f.write(" ".join(f"{ord(c):X}" for c in key) + "\t" + " ".join(f"{ord(c):X}" for c in value) + "\n")
        with open(f"{folder}/texts.txt", "w", encoding="utf-8") as f:
            f.write("\n".join(texts))
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/texts.txt", model_prefix=f"{folder}/tiny", vocab_size=700, num_threads=1, minloglevel=2,
            normalization_rule_tsv=f"{folder}/rules.tsv", byte_fallback=True, character_coverage=0.98,
            user_defined_symbols=["<sep>"],
        )  # fmt: skip
        os.replace(f"{folder}/tiny.model", f"{HERE}/tiny.model")


def rules_of(strings):
    """-> the rules, and the same with lowercase"""
    nfkc, lower = normalizers.NFKC().normalize_str, normalizers.Lowercase().normalize_str
    letters = {c for text in strings for c in text}
    letters |= {chr(c) for c in (*range(0xA0, 0x180), *range(0x2100, 0x2150), *range(0xFB00, 0xFB07), *range(0xFF01, 0xFF5F))}
    rules = {c: nfkc(c) for c in letters if c != "\0"}
    rules.update({a + b: nfkc(a + b) for a in "aeiouyAEIOUcnCN" for b in "\u0300\u0301\u0302\u0303\u0308\u0327"})
    for c in "\t\n\r\x0c\u1680\u200b\u200c\u200e\u2028\u2029\u2581\ufeff\ufffd":
        rules[c] = " "
    for c in [*range(1, 9), 11, *range(14, 32), 127, 0x8F, 0x9F]:
        rules[chr(c)] = ""
    # A cluster of two that is a rule of its own, and one whose beginning is: the shorter one is used.
    rules["\r\n"], rules["\u00e9\u0323"] = " ", "!"
    plain = {key: value for key, value in rules.items() if key != value and "\0" not in value}
    folded = {key: lower(rules.get(key, key)) for key in {*rules, *map(chr, range(0x41, 0x5B))}}
    return plain, {key: value for key, value in folded.items() if key != value and "\0" not in value}


def main(path):
    with open(path, encoding="utf-8", newline="") as f:
        reviews = [row["text"].replace("\r", " ").replace("\n", " ") for row in csv.DictReader(f)]
    r = random.Random(3)
    plain, folded = rules_of([*SPICE, *BLANKS, *FRENCH])
    if not os.path.exists(f"{HERE}/tiny.model"):
        train([*reviews, *FRENCH * 20], plain)
    with open(f"{HERE}/tiny.model", "rb") as f:
        parts = list(fields(f.read()))
    pieces = [dict(fields(value)) for number, value in parts if number == 1]
    vocabulary = [[piece[1].decode(), piece.get(2, 0.0)] for piece in pieces]
    # Ties, unknown text that is a piece itself, a piece twice, one with NUL, one of nothing, scores of one size.
    vocabulary += [["!", -6.723832607269287], ["!!", -8.946043968200684], ["!!!!!", -10.398280143737793], ["漢字", -100.0]]
    vocabulary += [["re", -3.5], ["a\0b", -4.25], ["", -1.0], ["tion", -7.000000000000001], ["ti", -3.5], ["on", -3.5]]
    specials = [
        {"id": index, "content": vocabulary[index][0], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for index in (1, 2)
    ]
    post = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {name: {"id": name, "ids": [index], "tokens": [name]} for index, name in ((1, "<s>"), (2, "</s>"))},
    }
    maps = [{"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap(rules)).decode()} for rules in (plain, folded)]
    documents = [
        {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": specials, "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "post_processor": post, "decoder": decoder,
            "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": fallback},
        }
        for normalizer, pre_tokenizer, decoder, fallback in pipelines(*maps)
    ]  # fmt: skip
    tokenizers = [Tokenizer.from_str(json.dumps(document)) for document in documents]
    short = [text for text in reviews if len(text) < 120]
    texts = r.sample(short, 150) + FRENCH
    for text in r.sample(short, 150):
        letters = list(text[:40])
        for _ in range(r.randrange(1, 5)):
            letters.insert(r.randrange(len(letters) + 1), scalar(r))
        texts.append("".join(letters))
    texts += ["".join(scalar(r) for _ in range(r.randrange(1, 12))) for _ in range(350)]
    texts += ["".join(r.choice(MARKS) if r.random() < 0.7 else r.choice("aeE \u00fc\u00bd") for _ in range(r.randrange(1, 10))) for _ in range(350)]
    texts += ["", " ", "  a  b ", "▁", "▁▁a", "a▁b", "<s>a</s>", "a<s> b", "``a'' \n\n b\t", "é" * 60, "a\0b", "漢字漢字", "\r\n\r", "\u0301" * 40]
    texts += ["a" + "!" * count for count in range(1, 24)] + ["the" + "!" * count for count in range(4, 12)] + ["caution tion motion"]
    chosen = [(r.randrange(len(tokenizers)), text) for text in texts] + [(k, text) for k in range(len(tokenizers)) for text in SPICE + BLANKS + texts[-40:]]
    rows = []
    for k, text in chosen:
        made = tokenizers[k].encode(text)
        rows.append([k, text, made.ids, in_bytes(text, made.offsets)])
    decoded = []
    for _ in range(200):
        k = r.randrange(len(tokenizers))
        ids = [r.randrange(3, 300) for _ in range(6)] + [r.randrange(len(vocabulary)) for _ in range(3)]
        r.shuffle(ids)
        decoded.append([k, ids, tokenizers[k].decode(ids)])
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{HERE}/tiny.model")
    # Where a rule is for a letter with one mark and another follows, tokenizers drops that one and sentencepiece does not.
    spice = [text for text in SPICE if "\u0301\u0316" not in text]
    plain_texts = r.sample(short, 150) + FRENCH + [" ".join(r.choice([*spice, " ", "  ", "é", "<sep>"]) for _ in range(6)) for _ in range(150)]
    spm = [[text, processor.encode(text)] for text in plain_texts]
    kinds = [[index, KINDS[piece.get(3, 1)]] for index, piece in enumerate(pieces) if piece.get(3, 1) not in (1, 6)]
    normal = [[c, *(getattr(normalizers, form)().normalize_str(c) for form in ("NFC", "NFD", "NFKC", "NFKD"))] for c in texts[300:] if not c.isascii()]
    golden = {"documents": documents, "texts": rows, "decoded": decoded, "sentencepiece": spm, "kinds": kinds, "normal": normal}
    body = json.dumps(golden, separators=(",", ":")).encode()
    with open(f"{HERE}/golden.json.gz", "wb") as f:
        f.write(gzip.compress(body, 9, mtime=0))
    print(len(rows), "texts,", len(body), "bytes,", os.path.getsize(f"{HERE}/golden.json.gz"), "packed")


if __name__ == "__main__":
    main(sys.argv[1])
