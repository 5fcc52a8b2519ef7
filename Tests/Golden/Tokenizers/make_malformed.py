# SPDX-License-Identifier: Apache-2.0
"""Writes malformed.json: damaged tokenizer.json files, and whether the `tokenizers` package reads them.

The verdict is "reads", "refuses" or "panics"; "fails" is said of files that are read and then cannot encode.

    pip install tokenizers==0.23.3
    python make_malformed.py
"""
import copy
import json
import os

from tokenizers import Tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
WORDPIECE = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1}}
BPE = {
    "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False,
    "byte_fallback": False, "ignore_merges": False, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"],
}
UNIGRAM = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.5]], "byte_fallback": False}
BASE = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None, "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None, "decoder": None, "model": WORDPIECE,
}
LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
ADDED = {"id": 2, "content": "[X]", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}


def file(**changes):
    return json.dumps({**copy.deepcopy(BASE), **changes})


def wordpiece(**changes):
    return file(model={**WORDPIECE, **changes})


def bpe(**changes):
    return file(model={**BPE, **changes})


def unigram(**changes):
    return file(model={**UNIGRAM, **changes})


def without(document, key):
    return {k: v for k, v in document.items() if k != key}


def added(*tokens):
    return file(added_tokens=[{**ADDED, **token} for token in tokens])


def template(single=None, pair=None, special=None):
    a, b = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
    return file(post_processor={"type": "TemplateProcessing", "single": single or [a], "pair": pair or [a, b], "special_tokens": special or {}})


def split(pattern, behavior="Isolated"):
    return file(pre_tokenizer={"type": "Split", "pattern": pattern, "behavior": behavior, "invert": False})


def nested(kind, key, depth):
    inner = {"type": "Whitespace"} if key == "pretokenizers" else None
    for _ in range(depth):
        inner = {"type": kind, key: [inner] if inner else []}
    return inner


CLS = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
CASES = {
    "sound": file(),
    "sound BPE": bpe(),
    "sound Unigram": unigram(),
    "empty file": "",
    "array": "[]",
    "byte order mark": "\ufeff" + file(),
    "two documents": file() + file(),
    "NaN": file().replace('"a": 1', '"a": NaN'),
    "truncated file": file()[:-20],
    "depth 5,000": '{"version": ' + "[" * 5_000,
    "version 2.0": file(version="2.0"),
    "version missing": json.dumps(without(BASE, "version")),
    "version of another kind": file(version=1),
    "unknown key": file(zzz=1),
    "model missing": json.dumps(without(BASE, "model")),
    "model null": file(model=None),
    "model of another kind": file(model=[1]),
    "model without type": file(model=without(WORDPIECE, "type")),
    "unknown model": file(model={"type": "Nope", "vocab": {}}),
    "unknown normalizer": file(normalizer={"type": "Nope"}),
    "unknown pre-tokenizer": file(pre_tokenizer={"type": "Nope"}),
    "unknown post-processor": file(post_processor={"type": "Nope"}),
    "unknown decoder": file(decoder={"type": "Nope"}),
    "type of another kind": file(pre_tokenizer={"type": 3}),
    "two ids the same": wordpiece(vocab={"[UNK]": 0, "a": 1, "b": 1}),
    "ids with a gap": wordpiece(vocab={"[UNK]": 0, "a": 7}),
    "gap filled by an added token": file(model={**WORDPIECE, "vocab": {"[UNK]": 0, "a": 2}}, added_tokens=[{**ADDED, "id": 1}]),
    "id negative": wordpiece(vocab={"[UNK]": 0, "a": -1}),
    "id 2^32": wordpiece(vocab={"[UNK]": 0, "a": 2**32}),
    "id 2^31": wordpiece(vocab={"[UNK]": 0, "a": 2**31}),
    "id 10^30": wordpiece(vocab={"[UNK]": 0, "a": 10**30}),
    "id a fraction": wordpiece(vocab={"[UNK]": 0, "a": 1.0}),
    "id a text": wordpiece(vocab={"[UNK]": 0, "a": "1"}),
    "vocabulary an array": wordpiece(vocab=["[UNK]", "a"]),
    "vocabulary empty": wordpiece(vocab={}),
    "token given twice": file().replace('"a": 1', '"a": 1, "a": 2'),
    "token empty": wordpiece(vocab={"[UNK]": 0, "": 1}),
    "token of 5,000 bytes": wordpiece(vocab={"[UNK]": 0, "a" * 5000: 1}),
    "canonically equal tokens": wordpiece(vocab={"[UNK]": 0, "\u00e9": 1, "e\u0301": 2}),
    "unknown token missing": wordpiece(vocab={"a": 0}),
    "longest word 0": wordpiece(max_input_chars_per_word=0),
    "longest word negative": wordpiece(max_input_chars_per_word=-1),
    "added token with the id of another": added({"id": 1}),
    "added token with another id": added({"id": 5, "content": "a"}),
    "added token beyond a gap": added({"id": 9}),
    "added token twice": added({"id": 2}, {"id": 2}),
    "added token empty": added({"content": ""}),
    "added token without flags": file(added_tokens=[{"id": 2, "content": "[X]"}]),
    "added token with a text for a flag": added({"lstrip": "yes"}),
    "added token with a negative id": added({"id": -1}),
    "added tokens an object": file(added_tokens={"[X]": 2}),
    "merges missing": file(model=without(BPE, "merges")),
    "merge as a pair": bpe(merges=[["a", "b"]]),
    "merge of three": bpe(merges=["a b c"]),
    "merge of one": bpe(merges=["ab"]),
    "merge with two spaces": bpe(merges=["a  b"]),
    "merge of three in an array": bpe(merges=[["a", "b", "ab"]]),
    "merge of numbers": bpe(merges=[[0, 1]]),
    "merge a number": bpe(merges=[1]),
    "merges an object": bpe(merges={"a": "b"}),
    "merge of a token that is missing": bpe(merges=["a c"]),
    "merge into a token that is missing": bpe(merges=["b a"]),
    "merge longer than any token": bpe(vocab={"aa": 0, "bb": 1}, merges=["aa bb"]),
    "merge of nothing": bpe(merges=[["", "a"]]),
    "merge without the prefix": bpe(continuing_subword_prefix="##", merges=["a b"]),
    "merge in the middle of a character": bpe(continuing_subword_prefix="##", vocab={"a": 0, "é": 1, "aé": 2}, merges=["a é"]),
    "merge given twice": bpe(merges=["a b", "a b"]),
    "merges with a version line": bpe(merges=["#version: 0.2", "a b"]),
    "dropout 0.1": bpe(dropout=0.1),
    "dropout 0": bpe(dropout=0.0),
    "dropout 2": bpe(dropout=2.0),
    "BPE unknown token missing": bpe(unk_token="<unk>"),
    "BPE unknown key": bpe(zzz=1),
    "ignore_merges a number": bpe(ignore_merges=1),
    "Unigram unk_id beyond": unigram(unk_id=9),
    "Unigram empty": unigram(vocab=[]),
    "Unigram NaN": unigram(vocab=[["<unk>", 0.0], ["a", float("nan")]]),
    "Unigram score a text": unigram(vocab=[["<unk>", "0"]]),
    "Unigram token without a score": unigram(vocab=[["<unk>"]]),
    "Unigram vocabulary an object": unigram(vocab={"<unk>": 0}),
    "charsmap junk": file(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
    "charsmap no base64": file(normalizer={"type": "Precompiled", "precompiled_charsmap": "%%%"}),
    "normalizer pattern unknown": file(normalizer={"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}),
    "template of a token that is missing": template(single=[CLS, {"Sequence": {"id": "A", "type_id": 0}}]),
    "template with another id": template(special={"[CLS]": {"id": "[CLS]", "ids": [7], "tokens": ["[CLS]"]}}),
    "template without a text": template(single=[CLS], special={"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["a"]}}),
    "template with fewer ids than tokens": template(special={"[CLS]": {"id": "[CLS]", "ids": [], "tokens": ["a"]}}),
    "template with a third text": template(single=[{"Sequence": {"id": "C", "type_id": 0}}]),
    "template with a text twice": template(pair=[{"Sequence": {"id": "A", "type_id": 0}}] * 2),
    "template with a large segment": template(single=[{"Sequence": {"id": "A", "type_id": 4294967295}}]),
    "RobertaProcessing of a missing token": file(
        post_processor={"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": True, "add_prefix_space": False}),
    "BertProcessing of a number": file(post_processor={"type": "BertProcessing", "sep": 2, "cls": ["a", 1]}),
    "two templates": file(post_processor={"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["a", 1], "cls": ["a", 1]}] * 2}),
    "stride beyond the length": file(truncation={"max_length": 2, "strategy": "LongestFirst", "stride": 5, "direction": "Right"}),
    "truncation to 0": file(truncation={"max_length": 0, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}),
    "truncation strategy unknown": file(truncation={"max_length": 2, "strategy": "Nope", "stride": 0, "direction": "Right"}),
    "truncation direction unknown": file(truncation={"max_length": 2, "strategy": "OnlyFirst", "stride": 0, "direction": "Up"}),
    "padding of another kind": file(padding=3),
    "FixedLength 0": file(pre_tokenizer={"type": "FixedLength", "length": 0}),
    "regular expression broken": split({"Regex": "("}),
    "regular expression without end": split({"Regex": "(a+)+$"}),
    "regular expression of another dialect": split({"Regex": r"\p{Script=Greek}++(?<=x)"}),
    "pattern of another kind": split("a"),
    "pattern empty": split({"String": ""}),
    "behavior unknown": split({"String": "a"}, "Nope"),
    "pre-tokenizers nested 60 deep": file(pre_tokenizer=nested("Sequence", "pretokenizers", 55)),
    "pre-tokenizers nested 200 deep": file(pre_tokenizer=nested("Sequence", "pretokenizers", 200)),
    "ByteLevel before another part": file(model=BPE, pre_tokenizer={"type": "Sequence", "pretokenizers": [LEVEL, {"type": "Whitespace"}]}),
    "ByteLevel with WordPiece": file(pre_tokenizer=LEVEL),
    "ByteLevel with a text for a flag": file(model=BPE, pre_tokenizer={**LEVEL, "use_regex": "no"}),
}


def verdict(text):
    try:
        tokenizer = Tokenizer.from_str(text)
    except BaseException as error:
        return "panics" if "Panic" in type(error).__name__ else "refuses"
    try:
        tokenizer.encode("a a b\u00e9 aab", "a")
        tokenizer.encode("\u00e9" * 50)
        return "reads"
    except BaseException:
        return "fails"


def main():
    with open(f"{HERE}/malformed.json", "w") as f:
        rows = [json.dumps([name, text, verdict(text)]) for name, text in CASES.items()]
        f.write("[\n" + ",\n".join(rows) + "\n]\n")
    print(len(rows), "files")


if __name__ == "__main__":
    main()
