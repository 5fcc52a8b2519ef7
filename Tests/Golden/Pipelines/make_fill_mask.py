# SPDX-License-Identifier: Apache-2.0
"""Golden file of guessed masks: what the pipeline of transformers says.

    python3 Tests/Golden/Pipelines/make_fill_mask.py
        writes FillMask/model (a tiny BertForMaskedLM of random numbers with the tokenizer of ../Models/Classifiers/bert) and
        FillMask/answers.json: for each text and mask the five likeliest tokens.

Made with torch 2.13.0, transformers 5.23.0.
"""
import json
import pathlib
import shutil

import torch
import transformers

HERE = pathlib.Path(__file__).parent / "FillMask"
TOKENIZER = pathlib.Path(__file__).parent.parent / "Models" / "Classifiers" / "bert"
TEXTS = [
    "the film was [MASK].", "[MASK]", "a [MASK] film with a [MASK] end", "what[MASK] of Film, not good [MASK] !",
]


def main():
    torch.manual_seed(11)
    HERE.mkdir(parents=True, exist_ok=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(TOKENIZER)
    model = transformers.BertForMaskedLM(transformers.BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=24))
    for name, parameter in model.named_parameters():
        center = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        parameter.data = center + 0.4 * torch.randn_like(parameter)
    model.tie_weights()
    model.eval().save_pretrained(HERE / "model")
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(TOKENIZER / name, HERE / "model" / name)
    pipeline = transformers.pipeline("fill-mask", model=model.double(), tokenizer=tokenizer, top_k=5)
    answers = []
    for text in TEXTS:
        found = pipeline(text)
        masks = found if isinstance(found[0], list) else [found]
        answers.append({"text": text, "masks": [
            [{"token": c["token_str"], "id": c["token"], "probability": c["score"]} for c in mask] for mask in masks]})
    (HERE / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


main()
