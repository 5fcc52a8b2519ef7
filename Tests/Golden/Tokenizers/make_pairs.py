# SPDX-License-Identifier: Apache-2.0
"""Writes pairs.json: small byte-pair tokenizers, and what the `tokenizers` package makes of hard strings with them.

    pip install tokenizers==0.23.3
    python make_pairs.py reviews_train.csv
"""
import copy
import csv
import json
import os
import random
import sys

from make_golden import BERT, SPICE, in_bytes, scalar
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
GPT4_POSSESSIVE = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
MORE = """'s 'S 'LL 'ſ 've don't I'd I'm we'll 1234567 १२३ ½ Ⅷ \U00011de3 <s> </s> <mask> <unk> <R> <B> <L> THE film's 日本 ab abc
bcd""".split() + [" <mask> ", "  ", "   ", "\n\n", "\r\n\r\n", " \n ", "\u001c", "\u180e", " \u3000x", "\t\tx", "a  b", "\n a"]


def byte_level(**options):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True, **options}


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def sequence(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def added(content, **options):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **options}


def roberta(prefix):
    return {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": prefix}


SPECIAL = [added(text, special=True) for text in ["<s>", "<pad>", "</s>", "<unk>"]]
MASK = added("<mask>", lstrip=True, special=True)
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "<s>", "type_id": 2}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}},
}
LEVEL, SUFFIX = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, {"type": "BPEDecoder", "suffix": "</w>"}
# (base, changes of the model, the rest of the file)
SETTINGS = [
    ("bytes", {}, dict(pre_tokenizer=byte_level(), post_processor=roberta(False), added_tokens=SPECIAL + [MASK], decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=byte_level(add_prefix_space=True), post_processor=roberta(True), added_tokens=SPECIAL + [MASK], decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=byte_level(), post_processor=byte_level(trim_offsets=False), added_tokens=SPECIAL[:1], decoder=LEVEL)),
    ("bytes", {"ignore_merges": True}, dict(
        pre_tokenizer=sequence(split({"Regex": GPT4}), byte_level(use_regex=False)), added_tokens=SPECIAL, decoder=LEVEL,
        post_processor={"type": "Sequence", "processors": [byte_level(), TEMPLATE]})),
    ("bytes", {}, dict(pre_tokenizer=sequence({"type": "Digits", "individual_digits": True}, byte_level(add_prefix_space=True)),
        post_processor=byte_level(add_prefix_space=True), decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=sequence(split({"Regex": CLIP}, "Removed", True), byte_level()), decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=sequence(split({"Regex": GPT4.replace("{1,3}", "")}), byte_level(use_regex=False)), decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=sequence(split({"Regex": GPT4_POSSESSIVE}, "Removed", True), byte_level(use_regex=False)), decoder=LEVEL)),
    ("bytes", {}, dict(pre_tokenizer=sequence(split({"Regex": GPT2}, "MergedWithNext"), byte_level(use_regex=False)), decoder=LEVEL)),
    ("characters", {}, dict(pre_tokenizer={"type": "Whitespace"}, post_processor=TEMPLATE)),
    ("characters", {"fuse_unk": True}, dict(pre_tokenizer={"type": "Punctuation", "behavior": "MergedWithPrevious"})),
    ("characters", {"byte_fallback": True, "fuse_unk": True}, dict(
        pre_tokenizer=sequence(split({"String": " "}, "MergedWithNext"), {"type": "Digits", "individual_digits": False}))),
    ("characters", {"fuse_unk": True}, dict(pre_tokenizer=sequence({"type": "Punctuation", "behavior": "Contiguous"}, split({"Regex": r"\s+"}, "Removed")))),
    ("suffixed", {}, dict(pre_tokenizer=sequence({"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Isolated"}), decoder=SUFFIX)),
    ("prefixed", {}, dict(pre_tokenizer=sequence({"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "MergedWithNext"}))),
    ("characters", {}, dict(
        normalizer={"type": "BertNormalizer", **BERT}, pre_tokenizer={"type": "Whitespace"},
        added_tokens=SPECIAL[:1] + [MASK, added("<R>", rstrip=True), added("<B>", lstrip=True, rstrip=True), added("film", single_word=True, normalized=True),
            added("THE", single_word=True), added("Café", normalized=True), added("  "), added("\n\n", rstrip=True), added("<L>", lstrip=True, normalized=True),
            added("日本"), added("ab", normalized=True), added("abc", normalized=True), added("bcd", single_word=True, normalized=True)])),
]


def base(reviews, size, special, pre_tokenizer, model, trainer):
    trained = Tokenizer(models.BPE(**model))
    trained.pre_tokenizer = pre_tokenizer
    trained.train_from_iterator(reviews, trainers.BpeTrainer(vocab_size=size, special_tokens=special, show_progress=False, **trainer))
    return json.loads(trained.to_str())["model"]


def document(bases, name, model, rest):
    model = {**copy.deepcopy(bases[name]), **model}
    tokens, size = [], len(model["vocab"])
    for token in rest.get("added_tokens", []):
        place = model["vocab"].get(token["content"])
        if place is None:
            place, size = size, size + 1
        tokens.append({"id": place, **token})
    empty = dict.fromkeys(["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"])
    return {"version": "1.0", **empty, **rest, "added_tokens": tokens, "model": model}


def hard_texts(r, reviews):
    texts = []
    for text in r.sample(reviews, 60):
        start = r.randrange(len(text))
        pieces = list(text[start : start + 40])
        for _ in range(r.randrange(4)):
            pieces.insert(r.randrange(len(pieces) + 1), r.choice(MORE) if r.random() < 0.5 else scalar(r))
        texts.append("".join(pieces))
    for _ in range(40):
        texts.append("".join(r.choice(MORE) if r.random() < 0.4 else scalar(r) for _ in range(r.randrange(1, 9))))
    return texts


def train(path):
    with open(path, encoding="utf-8", newline="") as f:
        reviews = [row["text"] for row in csv.DictReader(f)]
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    alphabet = {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet()}
    few, white = {"limit_alphabet": 50}, pre_tokenizers.Whitespace()
    fallback = special + [f"<0x{byte:02X}>" for byte in range(0x20, 0x100) if byte % 3]
    return reviews, {
        "bytes": base(reviews, 560, special, pre_tokenizers.ByteLevel(add_prefix_space=False), {}, alphabet),
        "characters": base(reviews, 460, fallback, white, {"unk_token": "<unk>"}, few),
        "suffixed": base(reviews, 240, special, white, {"unk_token": "<unk>", "end_of_word_suffix": "</w>"}, {**few, "end_of_word_suffix": "</w>"}),
        "prefixed": base(reviews, 240, special, white, {"unk_token": "<unk>", "continuing_subword_prefix": "##"}, {**few, "continuing_subword_prefix": "##"}),
    }


def main(path):
    reviews, bases = train(path)
    # The trainer breaks ties in no fixed order, so what was trained once is kept.
    if os.path.exists(f"{HERE}/pairs.json"):
        with open(f"{HERE}/pairs.json") as f:
            bases = json.load(f)["bases"]
    documents = [document(bases, *settings) for settings in SETTINGS]
    r = random.Random(11)
    rows, decoded, pairs = [], [], []
    for place, one in enumerate(documents):
        tokenizer = Tokenizer.from_str(json.dumps(one))
        for text in hard_texts(r, reviews) + (MORE if place < 9 else SPICE[-20:] + MORE):
            if r.random() < 0.6:
                made = tokenizer.encode(text)
                rows.append([place, text, made.ids, in_bytes(text, made.offsets)])
        if one["decoder"]:
            for _ in range(15):
                ids = [r.randrange(len(one["model"]["vocab"])) for _ in range(6)]
                decoded.append([place, ids, tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=False)])
        if place in (0, 3, 9, 10):
            for _ in range(25):
                a, b = (" ".join(r.choice(reviews).split()[: r.randrange(9)]) for _ in range(2))
                b, limit, side = (None if r.random() < 0.2 else b), r.randrange(5, 24), r.choice(["left", "right"])
                strategy = r.choice(["longest_first", "only_first", "only_second"] if b else ["longest_first", "only_first"])
                tokenizer.enable_truncation(limit, strategy=strategy, direction=side)
                try:
                    made = tokenizer.encode(a, b)
                except Exception:  # what must not be cut is too long
                    continue
                truncation = {"max_length": limit, "strategy": strategy.title().replace("_", ""), "direction": side.title(), "stride": 0}
                pairs.append([place, a, b, truncation, made.ids, made.type_ids, made.special_tokens_mask])
    settings = [[name, model, {**rest, "added_tokens": one["added_tokens"]}] for (name, model, rest), one in zip(SETTINGS, documents)]
    with open(f"{HERE}/pairs.json", "w") as f:
        lines = [f'"bases": {json.dumps(bases, separators=(",", ":"))}']
        for name, values in {"settings": settings, "texts": rows, "decoded": decoded, "pairs": pairs}.items():
            body = ",\n".join(json.dumps(value, separators=(",", ":")) for value in values)
            lines.append(f'"{name}": [\n{body}\n]')
        f.write("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(rows), "texts,", len(decoded), "decoded,", len(pairs), "pairs")


if __name__ == "__main__":
    main(sys.argv[1])
