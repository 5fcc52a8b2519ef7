# SPDX-License-Identifier: Apache-2.0
"""Golden files for text embedders in the layout of sentence-transformers.

    python3 Tests/Golden/Models/make_embedders.py make
        writes Embedders/folder (a tiny random embedder with the file names and keys of sentence-transformers 2),
        Embedders/new (the files that version 6 writes in their place) and vectors.json with what sentence-transformers
        computes from either, and for every kind of pooling.
    python3 Tests/Golden/Models/make_embedders.py open FOLDER
        FOLDER holds what Attune wrote from these files: folder and modes. Opens both in Python, compares their vectors with
        vectors.json, and keeps the hashes of the files in opened.json, so that the tests can tell without Python that
        they write the very bytes that Python opened.

Made with torch 2.13.0, transformers 5.23.0, sentence-transformers 6.2.0, tokenizers 0.23.3, safetensors 0.8.0.
"""
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer.modules.pooling import Pooling
from transformers import BertConfig, BertModel, BertTokenizerFast

HERE = pathlib.Path(__file__).parent / "Embedders"
TEXTS = [
    "A wonderful, moving film.",
    "bad",
    "The film was not good, and the cast was bad bad bad: the film was not good.",
    "",
    "Unknown elan 東京",
]
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a the film was not good bad and cast moving wonder ##ful , . : elan w".split()
WIDTH = 16
QUERY = "the good film: "


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def make_folder(folder):
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
        max_position_embeddings=40, initializer_range=0.3,
    )
    model = BertModel(config).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "LayerNorm" in name:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    tokenizer = BertTokenizerFast(vocab={word: index for index, word in enumerate(WORDS)}, do_lower_case=False)
    assert len(tokenizer) == len(WORDS) and tokenizer.unk_token_id not in tokenizer(TEXTS[2].lower())["input_ids"]
    tokenizer.save_pretrained(folder)
    kinds = ["Transformer", "Pooling", "Dense", "Normalize"]
    paths = ["", "1_Pooling", "2_Dense", "3_Normalize"]
    write(folder / "modules.json", [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(zip(kinds, paths))])
    flags = "cls_token mean_tokens max_tokens mean_sqrt_len_tokens weightedmean_tokens lasttoken".split()
    write(folder / "1_Pooling/config.json", {
        "word_embedding_dimension": WIDTH,
        **{f"pooling_mode_{flag}": flag in ("cls_token", "mean_tokens") for flag in flags},
        "include_prompt": False})
    write(folder / "2_Dense/config.json", {
        "in_features": 2 * WIDTH, "out_features": 12, "bias": True,
        "activation_function": "torch.nn.modules.activation.Tanh"})
    dense = {"linear.weight": 0.4 * torch.randn(12, 2 * WIDTH), "linear.bias": torch.randn(12)}
    save_file(dense, folder / "2_Dense/model.safetensors", metadata={"format": "pt"})
    write(folder / "sentence_bert_config.json", {"max_seq_length": 14, "do_lower_case": True})
    write(folder / "config_sentence_transformers.json", {
        "__version__": {"sentence_transformers": "2.0.0"},
        "prompts": {"query": QUERY, "document": "film: "}, "default_prompt_name": "document",
        "similarity_fn_name": "dot"})


def rows(model, texts=TEXTS, **options):
    return model.encode(texts, **options).astype("float64").tolist()


def pooled(folder, kind, include_prompt):
    kinds = kind.split("+")
    model = SentenceTransformer(
        modules=[Transformer(str(folder), max_seq_length=14), Pooling(WIDTH, kinds, include_prompt)],
        prompts={"query": QUERY}, device="cpu")
    return rows(model, prompt_name=None if include_prompt else "query")


def make():
    torch.manual_seed(5)
    shutil.rmtree(HERE, ignore_errors=True)
    folder = HERE / "folder"
    folder.mkdir(parents=True)
    make_folder(folder)
    model = SentenceTransformer(str(folder), device="cpu")
    vectors = {
        "texts": TEXTS, "query": QUERY, "none": rows(model, prompt=""), "default": rows(model),
        "queried": rows(model, prompt_name="query"),
        "unscaled": rows(SentenceTransformer(modules=list(model)[:3], device="cpu"), prompt=""),
        "similarities": model.similarity(model.encode(TEXTS), model.encode(TEXTS)).tolist(),
    }
    for kind in Pooling.POOLING_MODES + ("weightedmean+cls",):
        vectors[kind] = {"all": pooled(folder, kind, True), "behind": pooled(folder, kind, False)}
    with tempfile.TemporaryDirectory() as temporary:
        cased = pathlib.Path(temporary) / "cased"
        shutil.copytree(folder, cased)
        write(cased / "sentence_bert_config.json", {"max_seq_length": 14, "do_lower_case": False})
        model = SentenceTransformer(str(cased), device="cpu")
        vectors["cased"] = rows(model)
        assert vectors["cased"] != vectors["default"], "lowercase letters change nothing"
        model.save_pretrained(temporary + "/new", create_model_card=False)
        for name in ["modules.json", "1_Pooling/config.json", "2_Dense/config.json", "3_Normalize/config.json",
                     "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json"]:
            write(HERE / "new" / name, json.loads((pathlib.Path(temporary) / "new" / name).read_text()))
    (HERE / "vectors.json").write_text(json.dumps(vectors) + "\n")


def open_in_python(folder):
    folder = pathlib.Path(folder)
    vectors = json.loads((HERE / "vectors.json").read_text())
    model = SentenceTransformer(str(folder / "folder"), device="cpu")
    modes = SentenceTransformer(str(folder / "modes"), device="cpu")
    worst = 0
    for found, expected in [
        (rows(model, prompt=""), "none"), (rows(model), "default"), (rows(model, prompt_name="query"), "queried"),
        (rows(modes), "weightedmean+cls"),
    ]:
        expected = vectors[expected]
        expected = expected["all"] if isinstance(expected, dict) else expected
        worst = max(worst, (torch.tensor(found) - torch.tensor(expected)).abs().max().item())
    print(f"largest difference: {worst:.2e}")
    assert worst < 1e-5 and model.max_seq_length == 14 and model.similarity_fn_name == "dot"
    hashes = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }
    (HERE / "opened.json").write_text(json.dumps(hashes, indent=1) + "\n")


if sys.argv[1:] == ["make"]:
    make()
elif len(sys.argv) == 3 and sys.argv[1] == "open":
    open_in_python(sys.argv[2])
else:
    sys.exit(__doc__)
