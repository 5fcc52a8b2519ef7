# SPDX-License-Identifier: Apache-2.0
"""Writes trained.json: what the trainers of the `tokenizers` package learn from the first 500 texts of golden.json, and from
sentences that are mostly ties.

Merges of pairs are kept as they are. The other trainers break ties in no fixed order: of them the tokens that the last texts
need are kept.

    pip install tokenizers==0.23.3
    python make_trained.py
"""
import json
import os

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
TIES = ["abcabc cba abc", "aaaa aaa aa a aaaaa", "Où est le café ? Là-bas, près d'ici !", "ab ba ab ba", "日本語 日本 本日", "1999 2999 199"]


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer, {"initial_alphabet": sorted(pre_tokenizers.ByteLevel.alphabet())}


def sentences(model):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer, {}


def pairs(make, texts, size, least):
    tokenizer, options = make()
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=least, special_tokens=SPECIAL, show_progress=False, **options)
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {"tokens": sorted(model["vocab"], key=model["vocab"].get), "merges": model["merges"]}


def needed(tokenizer, trainer, training, held_out):
    tokenizer.train_from_iterator(training, trainer)
    return sum(len(tokenizer.encode(text).ids) for text in held_out)


def main():
    with open(f"{HERE}/golden.json", encoding="utf-8") as file:
        texts = [row[1] for row in json.load(file)["texts"]][:500]
    training, held_out = texts[:450], texts[450:]
    runs = []
    for name, make in (("byte-level", byte_level), ("metaspace", lambda: sentences(models.BPE(unk_token="<unk>", fuse_unk=True)))):
        for corpus, size, least in ((texts, 700, 2), (TIES, 400, 1), (TIES, 290, 2)):
            runs.append({"alphabet": name, "texts": TIES if corpus is TIES else None, "size": size, "least": least,
                         **pairs(make, corpus, size, least)})
    word_piece = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    word_piece.normalizer, word_piece.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    counts = {
        "wordpiece": needed(
            word_piece, trainers.WordPieceTrainer(vocab_size=600, min_frequency=2, special_tokens=special, show_progress=False),
            training, held_out),
        "unigram": needed(
            sentences(models.Unigram())[0],
            trainers.UnigramTrainer(vocab_size=600, unk_token="<unk>", special_tokens=SPECIAL, show_progress=False),
            training, held_out),
    }
    with open(f"{HERE}/trained.json", "w", encoding="utf-8") as file:
        json.dump({"pairs": runs, "tokens": counts}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
