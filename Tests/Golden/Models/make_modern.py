# SPDX-License-Identifier: Apache-2.0
"""Golden files for MPNet and ModernBERT, as transformers saves them.

    python3 Tests/Golden/Models/make_modern.py make
        writes Modern/NAME (tiny random models) and Modern/NAME.json with what transformers computes in float64: of some
        rows the states after the embeddings and after every layer, and logits. Of classifiers also
        Modern/NAME-gradients.safetensors: the gradient of every parameter under the cross-entropy of LABELS.
    python3 Tests/Golden/Models/make_modern.py open FOLDER
        FOLDER holds what Attune wrote from these files. Opens each in transformers, compares its outputs with those of
        the original, and keeps the hashes of the files in Modern/opened.json, so that the tests can tell without Python
        that they write the very bytes that Python opened.

Made with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0.
"""
import hashlib
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent / "Modern"
VOCABULARY = 40
# Longer than every window and than the distances that have buckets of their own; MPNet's padding token stands in the last.
TEXTS = [
    [(7 * i + i * i // 3) % (VOCABULARY - 4) + 4 for i in range(170)],
    [11],
    [(5 * i + 9) % (VOCABULARY - 4) + 4 for i in range(37)],
    [4, 1, 6, 1, 8, 9],
]
LABELS = [2, 0, 1]  # of the first texts: torch gives padding tokens no gradient
EVERY = 5  # rows that are kept

SIZES = dict(vocab_size=VOCABULARY, hidden_size=16, num_attention_heads=2)
THREE = dict(id2label={0: "bad", 1: "so so", 2: "good"}, label2id={"bad": 0, "so so": 1, "good": 2})


def mpnet(**settings):
    return transformers.MPNetConfig(
        num_hidden_layers=2, intermediate_size=20, max_position_embeddings=180, **SIZES, **settings)


def modernbert(**settings):
    return transformers.ModernBertConfig(
        num_hidden_layers=4, intermediate_size=12, max_position_embeddings=180, local_attention=8, pad_token_id=1,
        bos_token_id=2, eos_token_id=3, cls_token_id=2, sep_token_id=3, **SIZES, **settings)


EVERY_BIAS = dict(norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True)
MODELS = {
    "mpnet-classifier": ("MPNetForSequenceClassification", mpnet(**THREE)),
    "mpnet-masked": ("MPNetForMaskedLM", mpnet(hidden_act="relu", layer_norm_eps=1e-5)),
    "mpnet-encoder": ("MPNetModel", mpnet()),
    "modernbert-classifier": ("ModernBertForSequenceClassification", modernbert(classifier_pooling="mean", **THREE)),
    "modernbert-biased": (
        "ModernBertForSequenceClassification",
        modernbert(
            layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
            rope_parameters={
                "full_attention": {"rope_type": "default", "rope_theta": 500.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 20.0},
            },
            hidden_activation="silu", classifier_activation="tanh", **EVERY_BIAS, **THREE)),
    "modernbert-masked": ("ModernBertForMaskedLM", modernbert(global_rope_theta=900.0, local_rope_theta=30.0)),
    "modernbert-unbiased": ("ModernBertForMaskedLM", modernbert(decoder_bias=False, norm_bias=True)),
    "modernbert-encoder": ("ModernBertModel", modernbert(global_attn_every_n_layers=2)),
}


def randomized(model):
    """Every weight, bias and norm is drawn, large enough that each one matters for the result."""
    for name, parameter in model.named_parameters():
        scale = 0.25 if parameter.dim() > 1 else 0.3
        center = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
        parameter.data = center + scale * torch.randn_like(parameter)
    model.tie_weights()
    return model.eval()


def outputs(model):
    """What the model makes of each text alone: kept rows of all states, and logits."""
    states, logits = [], []
    for ids in TEXTS:
        found = model(input_ids=torch.tensor([ids]), output_hidden_states=True)
        encoded = getattr(model, model.base_model_prefix, model)(input_ids=torch.tensor([ids]))
        layers = [*found.hidden_states[: model.config.num_hidden_layers], encoded.last_hidden_state]
        states.append([layer[0] for layer in layers])
        if "logits" in found:
            logits.append(found.logits.reshape(-1, found.logits.shape[-1]))
    states = [torch.cat(layer)[::EVERY] for layer in zip(*states)]
    return states, torch.cat(logits) if logits else None


def kept(kind, logits):
    """Of the vocabulary's scores those of the kept rows."""
    return logits[::EVERY] if logits is not None and "Masked" in kind else logits


def rounded(tensor):
    return [float(f"{x:.8g}") for x in tensor.flatten().tolist()]


def earlier_form(path):
    """The keys that ModernBERT's first files have instead of those of transformers 5."""
    config = json.loads(path.read_text())
    bases = config.pop("rope_parameters")
    config.pop("layer_types")
    config["global_rope_theta"] = bases["full_attention"]["rope_theta"]
    config["local_rope_theta"] = bases["sliding_attention"]["rope_theta"]
    config["global_attn_every_n_layers"] = 3
    path.write_text(json.dumps(config, indent=2) + "\n")


def make():
    HERE.mkdir(parents=True, exist_ok=True)
    for seed, (name, (kind, config)) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        folder = HERE / name
        model = randomized(getattr(transformers, kind)(config))
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        if name == "modernbert-masked":
            earlier_form(folder / "config.json")
        model = model.double()
        with torch.no_grad():
            states, logits = outputs(model)
        document = {"texts": TEXTS, "every": EVERY, "states": [rounded(x) for x in states]}
        if logits is not None:
            document["logits"] = rounded(kept(kind, logits))
        if "Classification" in kind:
            document["labels"] = LABELS
            scores = torch.cat([model(input_ids=torch.tensor([ids])).logits for ids, _ in zip(TEXTS, LABELS)])
            torch.nn.functional.cross_entropy(scores, torch.tensor(LABELS), reduction="sum").backward()
            gradients = {key: x.grad.float().contiguous() for key, x in model.named_parameters()}
            save_file(gradients, HERE / f"{name}-gradients.safetensors")
        (HERE / f"{name}.json").write_text(json.dumps(document) + "\n")


def open_in_python(folder):
    folder = pathlib.Path(folder)
    hashes = {}
    for path in sorted(x for x in folder.iterdir() if x.is_dir()):
        kind = json.loads((path / "config.json").read_text())["architectures"][0]
        model, info = getattr(transformers, kind).from_pretrained(path, output_loading_info=True)
        assert not info["unexpected_keys"] and not info["mismatched_keys"], info
        assert all("pooler" in x for x in info["missing_keys"]), info
        original = json.loads((HERE / f"{path.name}.json").read_text())
        with torch.no_grad():
            states, logits = outputs(model.double().eval())
        pairs = list(zip(states, original["states"]))
        if logits is not None:
            pairs.append((kept(kind, logits), original["logits"]))
        for found, expected in pairs:
            expected = torch.tensor(expected, dtype=torch.float64)
            distance = (found.flatten() - expected).norm() / expected.norm()
            assert distance < 1e-6, (path.name, distance)
        print(f"{path.name}: opens as {kind}, last difference {distance:.1e}")
        for file in sorted(path.rglob("*")):
            hashes[str(file.relative_to(folder))] = hashlib.sha256(file.read_bytes()).hexdigest()
    (HERE / "opened.json").write_text(json.dumps(hashes, indent=1) + "\n")


if sys.argv[1:] == ["make"]:
    make()
elif len(sys.argv) == 3 and sys.argv[1] == "open":
    open_in_python(sys.argv[2])
else:
    sys.exit(__doc__)
