# SPDX-License-Identifier: Apache-2.0
"""Writes tokenizer.json (unless it is there) and golden.json with what the `tokenizers` package makes of hard strings.

    pip install tokenizers==0.23.3
    python make_golden.py reviews_train.csv
"""
import copy
import csv
import json
import os
import random
import sys

from tokenizers import BertWordPieceTokenizer, Tokenizer, decoders, processors

HERE = os.path.dirname(os.path.abspath(__file__))
BERT = dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
SETTINGS = [
    BERT,
    {**BERT, "lowercase": False},
    {**BERT, "strip_accents": False},
    {**BERT, "clean_text": False, "handle_chinese_chars": False, "strip_accents": True, "lowercase": False},
    BERT,  # with added tokens
]
ADDED = [
    dict(content="Café", single_word=False, lstrip=False, rstrip=False, normalized=True, special=False),
    dict(content="<mask>", single_word=False, lstrip=True, rstrip=True, normalized=False, special=True),
]
SPICE = """👩‍👩‍👧 🇫🇷 👍🏽 ❤️ e\u0301 a\u0316\u0301 a\u0301\u0316 \u0344 \u0f73 \u0301\u0316x İstanbul ıI ﬁne ﬀ ß ẞ ǅ 한국어 각
\u1100\u1161\u11a8 日本語 漢字かな カタカナ العربية عَرَبِي हिन्दी ไทย Å \u212b \u2126 \u212a ſ ŉ ΐ Σίσυφος ΣΑΣ 𝐀 ① ½ ² … — “” «» ¿¡ € £
[MASK] [CLS] [SEP] [PAD] [UNK] [mask] ##s [MASK][MASK] x[MASK]y <mask> cafe Café CAFÉ Cafe\u0301 CafÉ \U00020000 \ufa6c \U0002f800
\U0001d15e \U0001d165\U0001d16d \u302e\u302f \U000e0001 \U0010ffff \u0345\u0301 \u1b44\u0334 \u0958 \u09dc don't O'Neill's <br/> a@b.c
http://x.y/z?q=1&r=2 1,234.56 :-) ... --- $5 100% #1 `code` ^_^ a|b ~x =y +z""".split()
BLANKS = ["\0", "\ufeff", "\r\n", "\t", "\v", "\f", "\x85", "\u2028", "\xa0", "\u202f", "\u3000", "\u200b", "\u200d", "\ufffd", "\xad", "\x1f", "\x7f"]


def scalar(r):
    kind = r.random()
    if kind < 0.35:
        return r.choice(SPICE) + (" " if r.random() < 0.3 else "")
    if kind < 0.45:
        return r.choice(BLANKS)
    if kind < 0.6:
        return chr(r.randrange(0x20, 0x7F))
    low, high = r.choice([(0xA0, 0x600), (0x300, 0x370), (0x600, 0x3000), (0x3000, 0xD800), (0xE000, 0x11000), (0x10000, 0x110000)])
    return chr(r.randrange(low, high))


def in_bytes(text, offsets):
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [starts[place] for pair in offsets for place in pair]


def main(reviews):
    with open(reviews, encoding="utf-8", newline="") as f:
        reviews = [row["text"] for row in csv.DictReader(f)]
    path = f"{HERE}/tokenizer.json"
    if not os.path.exists(path):
        trained = BertWordPieceTokenizer()
        trained.train_from_iterator(reviews, vocab_size=2000, show_progress=False)
        trained._tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        with open(path, "w", encoding="utf-8") as f:
            f.write(trained._tokenizer.to_str())
    with open(path, encoding="utf-8") as f:
        base = json.load(f)
    tokenizers = []
    added = [dict(id=len(base["model"]["vocab"]) + place, **token) for place, token in enumerate(ADDED)]
    for settings in SETTINGS:
        document = copy.deepcopy(base)
        document["normalizer"] = {"type": "BertNormalizer", **settings}
        if len(tokenizers) == 4:
            document["added_tokens"] += added
        tokenizers.append(Tokenizer.from_str(json.dumps(document)))
    r = random.Random(2)
    short = [text for text in reviews if len(text) < 160]
    texts = [(0, text) for text in r.sample(short, 500)]
    for text in r.sample(short, 350):
        start = r.randrange(len(text))
        pieces = list(text[start : start + 40])
        for _ in range(r.randrange(1, 5)):
            pieces.insert(r.randrange(len(pieces) + 1), scalar(r))
        texts.append((r.randrange(5), "".join(pieces)))
    texts += [(r.randrange(5), "".join(scalar(r) for _ in range(r.randrange(1, 12)))) for _ in range(800)]
    edges = ["", " ", "a" * 100, "a" * 101, "é" * 100, "é" * 101, "  <mask>  z", " <mask><mask> ", "[SEP", "[[MASK]]"]
    texts += [(k, text) for k in range(5) for text in edges + SPICE]
    rows = []
    for k, text in texts:
        made = tokenizers[k].encode(text)
        rows.append([k, text, made.ids, in_bytes(text, made.offsets)])
    decoded = []
    for _ in range(100):
        ids = [r.randrange(len(base["model"]["vocab"])) for _ in range(8)]
        decoded.append([ids, tokenizers[0].decode(ids), tokenizers[0].decode(ids, skip_special_tokens=False)])
    for text in ["It's me, isn't it? I'm here!", "They've gone . We're not , do not ' ask '", "who's there"]:
        ids = tokenizers[0].encode(text).ids
        decoded.append([ids, tokenizers[0].decode(ids), tokenizers[0].decode(ids, skip_special_tokens=False)])
    cut = []
    for _ in range(150):
        a, b = (" ".join(r.choice(short).split()[: r.randrange(12)]) for _ in range(2))
        b, limit = (None if r.random() < 0.3 else b), r.randrange(3, 24)
        tokenizers[0].enable_truncation(limit)
        made = tokenizers[0].encode(a, b)
        cut.append([a, b, limit, made.ids, made.type_ids, made.special_tokens_mask])
        tokenizers[0].no_truncation()
    trained = BertWordPieceTokenizer()
    trained.train_from_iterator([text for _, text in texts[:500]], vocab_size=1000, show_progress=False)
    normalizers = [{"type": "BertNormalizer", **settings} for settings in SETTINGS]
    parts = {"normalizers": normalizers, "added": added, "texts": rows, "decoded": decoded, "pairs": cut}
    tokens = "n't 'm 's 've 're ' ##s . ? ! , do not . a b##c ' ##'s".split() + [" do not ", "a ' b", " n't"]
    lists = [[r.choice(tokens) for _ in range(r.randrange(1, 6))] for _ in range(100)]
    parts["joined"] = [[one, decoders.WordPiece().decode(one)] for one in lists]
    parts["trained"] = [sorted(trained.get_vocab())]
    with open(f"{HERE}/golden.json", "w") as f:
        lines = []
        for name, values in parts.items():
            body = ",\n".join(json.dumps(value, separators=(",", ":")) for value in values)
            lines.append(f'"{name}": [\n{body}\n]')
        f.write("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(rows), "texts")


if __name__ == "__main__":
    main(sys.argv[1])
