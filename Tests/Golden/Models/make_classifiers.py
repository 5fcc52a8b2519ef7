# SPDX-License-Identifier: Apache-2.0
"""Golden files for classifiers in the layouts of transformers and sentence-transformers.

    python3 Tests/Golden/Models/make_classifiers.py make
        writes Classifiers/bert (a tiny random BertForSequenceClassification, as transformers saves it), a head for a
        sentence embedder, and logits.json with what transformers computes.
    python3 Tests/Golden/Models/make_classifiers.py open FOLDER
        FOLDER holds what Attune wrote from these files: transformers and sentenceTransformers. Opens both in Python, compares
        their logits with logits.json, and keeps the hashes of the files in opened.json, so that the tests can tell
        without Python that they write the very bytes that Python opened.

Made with torch 2.13.0, transformers 5.23.0, sentence-transformers 6.2.0, tokenizers 0.23.3, safetensors 0.8.0.
"""
import hashlib
import json
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertTokenizerFast,
)

HERE = pathlib.Path(__file__).parent / "Classifiers"
TEXTS = [
    "A wonderful, moving film.",
    "bad",
    "The film was not good, and the cast was bad bad bad.",
    "",
    "Unknown wörds élan 東京",
]
PAIRS = [["A good film", "A bad cast"], ["bad", "The film was moving"]]
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a the film was not good bad and cast moving wonder ##ful , . elan w ##ords".split()


def mean_logits(folder, head, batch, attention_mask):
    model = AutoModel.from_pretrained(folder).eval()
    states = model(**batch).last_hidden_state
    mask = attention_mask.unsqueeze(-1).float()
    pooled = (states * mask).sum(1) / mask.sum(1)
    return pooled @ head["linear.weight"].T + head["linear.bias"]


def make():
    torch.manual_seed(7)
    HERE.mkdir(parents=True, exist_ok=True)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=40, initializer_range=0.3, id2label={0: "negative", 1: "neutral", 2: "positive"},
        label2id={"negative": 0, "neutral": 1, "positive": 2}, problem_type="single_label_classification",
    )
    model = BertForSequenceClassification(config).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "LayerNorm" in name:
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(HERE / "bert")
    tokenizer = BertTokenizerFast(vocab={word: index for index, word in enumerate(WORDS)}, do_lower_case=True)
    assert len(tokenizer) == len(WORDS) and tokenizer.unk_token_id not in tokenizer(TEXTS[2])["input_ids"]
    tokenizer.save_pretrained(HERE / "bert")
    head = {"linear.weight": torch.randn(3, 32), "linear.bias": torch.randn(3)}
    save_file(head, HERE / "head.safetensors", metadata={"format": "pt"})
    with torch.no_grad():
        def both(*texts):
            batch = tokenizer(*texts, padding=True, return_tensors="pt")
            first = model(**batch).logits
            mean = mean_logits(HERE / "bert", head, batch, batch["attention_mask"])
            return {"transformers": first.tolist(), "sentenceTransformers": mean.tolist()}
        logits = {
            "texts": TEXTS, "pairs": PAIRS, "single": both(TEXTS),
            "paired": both([p[0] for p in PAIRS], [p[1] for p in PAIRS]),
        }
    (HERE / "logits.json").write_text(json.dumps(logits, indent=1) + "\n")


def open_in_python(folder):
    from sentence_transformers import SentenceTransformer

    folder = pathlib.Path(folder)
    logits = json.loads((HERE / "logits.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(folder / "transformers")
    model = AutoModelForSequenceClassification.from_pretrained(folder / "transformers").eval()
    with torch.no_grad():
        found = model(**tokenizer(TEXTS, padding=True, return_tensors="pt")).logits
    worst = (found - torch.tensor(logits["single"]["transformers"])).abs().max().item()
    embedder = SentenceTransformer(str(folder / "sentenceTransformers"), device="cpu")
    found = torch.tensor(embedder.encode(TEXTS))
    other = (found - torch.tensor(logits["single"]["sentenceTransformers"])).abs().max().item()
    print(f"largest difference of logits: transformers {worst:.2e}, sentence-transformers {other:.2e}")
    assert worst < 1e-4 and other < 1e-4
    assert model.config.id2label == {0: "negative", 1: "neutral", 2: "positive"}
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
