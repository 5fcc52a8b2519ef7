# SPDX-License-Identifier: Apache-2.0
"""Golden files for the families of encoders, as transformers saves them.

    python3 Tests/Golden/Models/make_families.py make
        writes Families/NAME (tiny random models in several families, heads and kinds of files) and Families/NAME.json
        with what transformers computes in float64: the states after the embeddings and after every layer, and logits.
    python3 Tests/Golden/Models/make_families.py open FOLDER
        FOLDER holds what Attune wrote from these files. Opens each in transformers, compares its outputs with those of the
        original, and keeps the hashes of the files in Families/opened.json, so that the tests can tell without Python
        that they write the very bytes that Python opened.

Made with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0.
"""
import hashlib
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent / "Families"
# Of unlike lengths, one of them 1; in the third the padding token of BERT stands in the text, in the fourth RoBERTa's.
TEXTS = [[2, 17, 5, 58, 41, 9, 3], [11], [2, 7, 0, 33, 3, 12, 59, 20, 21, 22, 3], [4, 1, 6, 1, 8]]
SEGMENTS = [[0, 0, 0, 0, 1, 1, 1], [0], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1]]


def bert_like(prefix, **settings):
    sizes = dict(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
        max_position_embeddings=16,
    )
    return getattr(transformers, prefix + "Config")(**{**sizes, **settings})


def distilbert(**settings):
    sizes = dict(vocab_size=60, dim=32, n_layers=2, n_heads=4, hidden_dim=40, max_position_embeddings=14)
    return transformers.DistilBertConfig(**{**sizes, **settings})


THREE = dict(id2label={0: "bad", 1: "so so", 2: "good"}, label2id={"bad": 0, "so so": 1, "good": 2})
ONE = dict(num_labels=1)
NARROW = dict(hidden_size=16, num_attention_heads=2, intermediate_size=12)
SMALL = dict(num_hidden_layers=1, **NARROW)
ROBERTA = dict(pad_token_id=1, type_vocab_size=1, layer_norm_eps=1e-5)

# name: (class, configuration, how it is saved)
MODELS = {
    "bert-classifier": (
        "BertForSequenceClassification", bert_like("Bert", problem_type="multi_label_classification", **THREE), {}),
    "bert-masked": ("BertForMaskedLM", bert_like("Bert", hidden_act="gelu_new"), {}),
    "distilbert-classifier": ("DistilBertForSequenceClassification", distilbert(activation="relu"), {}),
    "distilbert-masked": ("DistilBertForMaskedLM", distilbert(dim=16, n_heads=2, hidden_dim=12), {}),
    "roberta-classifier": ("RobertaForSequenceClassification", bert_like("Roberta", **ROBERTA, **THREE), {}),
    "roberta-masked": ("RobertaForMaskedLM", bert_like("Roberta", **ROBERTA, **NARROW, hidden_act="silu"), {}),
    "xlm-roberta-classifier": ("XLMRobertaForSequenceClassification", bert_like("XLMRoberta", **ROBERTA, **NARROW, **ONE), {}),
    "xlm-roberta-masked": ("XLMRobertaForMaskedLM", bert_like("XLMRoberta", **ROBERTA, **NARROW, hidden_act="tanh"), {}),
    # Kinds of files, smaller.
    "float16": ("BertModel", bert_like("Bert", **SMALL), {"dtype": torch.float16}),
    "bfloat16": ("RobertaModel", bert_like("Roberta", **ROBERTA, **SMALL), {"dtype": torch.bfloat16}),
    "sharded": ("DistilBertForSequenceClassification", distilbert(dim=16, n_layers=1, hidden_dim=12), {"shards": True}),
    "old-names": ("BertForPreTraining", bert_like("Bert", **SMALL), {"old": True}),
    "untied": ("BertForMaskedLM", bert_like("Bert", tie_word_embeddings=False, **SMALL), {}),
    "stored-equal": ("RobertaForMaskedLM", bert_like("Roberta", **ROBERTA, **SMALL), {"copied": True}),
    # RoBERTa's layout under a name of its own.
    "camembert-classifier": ("CamembertForSequenceClassification", bert_like("Camembert", **ROBERTA, **NARROW, **THREE), {}),
    "camembert-masked": ("CamembertForMaskedLM", bert_like("Camembert", **ROBERTA, **SMALL), {}),
}


def randomized(model):
    """Every weight, bias and norm is drawn, large enough that each one matters for the result."""
    for name, parameter in model.named_parameters():
        scale = 0.25 if parameter.dim() > 1 else 0.3
        center = 1.0 if name.endswith(("LayerNorm.weight", "layer_norm.weight")) else 0.0
        parameter.data = center + scale * torch.randn_like(parameter)
    model.tie_weights()
    return model.eval()


def old_names(folder):
    """As the first BERTs were saved: gamma and beta, no prefix, the counted positions, the tied layer twice."""
    tensors = load_file(folder / "model.safetensors")
    old = {}
    for name, tensor in tensors.items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        old[name.removeprefix("bert.")] = tensor
    old["embeddings.position_ids"] = torch.arange(16).unsqueeze(0)
    old["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"].clone()
    save_file(old, folder / "model.safetensors", metadata={"format": "pt"})


def outputs(model):
    """What the model makes of each text alone, in float64."""
    model = model.double().eval()
    takes_segments = getattr(model.config, "type_vocab_size", 0) > 1
    result = {"states": [], "logits": []}
    with torch.no_grad():
        for ids, segments in zip(TEXTS, SEGMENTS):
            extra = {"token_type_ids": torch.tensor([segments])} if takes_segments else {}
            found = model(
                input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids)), output_hidden_states=True, **extra)
            result["states"].append([layer[0] for layer in found.hidden_states])
            logits = getattr(found, "logits", getattr(found, "prediction_logits", None))
            if logits is not None:
                result["logits"].append(logits.reshape(-1, logits.shape[-1]))
    states = [torch.cat(layer) for layer in zip(*result["states"])]
    return states, torch.cat(result["logits"]) if result["logits"] else None


def rounded(tensor):
    return [float(f"{x:.8g}") for x in tensor.flatten().tolist()]


def make():
    HERE.mkdir(parents=True, exist_ok=True)
    for seed, (name, (kind, config, how)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        folder = HERE / name
        model = randomized(getattr(transformers, kind)(config)).to(how.get("dtype", torch.float32))
        model.save_pretrained(folder, max_shard_size="4KB" if "shards" in how else "50GB")
        if "old" in how:
            old_names(folder)
        if "copied" in how:
            tensors = load_file(folder / "model.safetensors")
            tensors["lm_head.decoder.weight"] = tensors["roberta.embeddings.word_embeddings.weight"].clone()
            tensors["lm_head.decoder.bias"] = tensors["lm_head.bias"].clone()
            save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        states, logits = outputs(model)
        if "Masked" in kind or "PreTraining" in kind:
            # Every third row, so that the file stays small.
            rows = list(range(0, logits.shape[0], 3))
            logits = logits[rows]
        document = {"texts": TEXTS, "segments": SEGMENTS, "states": [rounded(x) for x in states]}
        if logits is not None:
            document["logits"] = rounded(logits)
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")
        for file in folder.iterdir():
            file.chmod(0o644)


def open_in_python(folder):
    folder = pathlib.Path(folder)
    hashes = {}
    for path in sorted(x for x in folder.iterdir() if x.is_dir()):
        config = json.loads((path / "config.json").read_text())
        kind = getattr(transformers, config["architectures"][0])
        model, info = kind.from_pretrained(path, output_loading_info=True)
        assert not info["unexpected_keys"] and not info["mismatched_keys"], info
        assert all("pooler" in x for x in info["missing_keys"]), info
        name = path.name.split("@")[0]
        original = json.loads((HERE / f"{name}.json").read_text())
        states, logits = outputs(model)
        if logits is not None and "Masked" in config["architectures"][0]:
            logits = logits[list(range(0, logits.shape[0], 3))]
        pairs = list(zip(states, original["states"]))
        if logits is not None:
            pairs.append((logits, original["logits"]))
        bound = 1e-6 if "@" not in path.name else 0.03
        for found, expected in pairs:
            expected = torch.tensor(expected, dtype=torch.float64)
            distance = (found.flatten() - expected).norm() / expected.norm()
            assert distance < bound, (path.name, distance)
        print(f"{path.name}: opens as {config['architectures'][0]}, last difference {distance:.1e}")
        for file in sorted(path.rglob("*")):
            hashes[str(file.relative_to(folder))] = hashlib.sha256(file.read_bytes()).hexdigest()
    (HERE / "opened.json").write_text(json.dumps(hashes, indent=1) + "\n")


if sys.argv[1:] == ["make"]:
    make()
elif len(sys.argv) == 3 and sys.argv[1] == "open":
    open_in_python(sys.argv[2])
else:
    sys.exit(__doc__)
