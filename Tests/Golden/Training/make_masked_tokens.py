# SPDX-License-Identifier: Apache-2.0
"""Golden files of masked-token pretraining: a tiny BERT with both heads, its loss, and its gradients in float64.

    python3 Tests/Golden/Training/make_masked_tokens.py
        writes MaskedTokens/model (BertForPreTraining as transformers saves it), MaskedTokens/gradients (the same folder with the
        gradient of the loss in the place of each parameter) and MaskedTokens/loss.json with the batch and the loss.

Made with torch 2.13.0, transformers 5.23.0, safetensors 0.8.0.
"""
import json
import pathlib

import torch
import transformers

HERE = pathlib.Path(__file__).parent / "MaskedTokens"
MASK = 4
# Of unlike lengths; hidden places are those with a target, which in one place is the token itself and in one a random one.
TEXTS = [[2, 17, MASK, 38, 3, 9, MASK, 11, 3], [2, 7, 21, 3, 12, 33, 3], [2, 30, MASK, 6, 25, 3, 8, 22, 8, 3]]
SEGMENTS = [[0, 0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]]
TARGETS = [{2: 5, 6: 13}, {1: 7, 5: 19}, {2: 30}]
CONTINUATIONS = [0, 1, 1]


def main():
    torch.manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=12, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = transformers.BertForPreTraining(config)
    for name, parameter in model.named_parameters():
        center = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        parameter.data = center + 0.25 * torch.randn_like(parameter)
    model.tie_weights()
    model.save_pretrained(HERE / "model")
    model = model.double().train()
    longest = max(map(len, TEXTS))

    def rectangle(rows, filler):
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])

    labels = [[targets.get(place, -100) for place in range(len(text))] for text, targets in zip(TEXTS, TARGETS)]
    found = model(
        input_ids=rectangle(TEXTS, 0), token_type_ids=rectangle(SEGMENTS, 0),
        attention_mask=rectangle([[1] * len(text) for text in TEXTS], 0), labels=rectangle(labels, -100),
        next_sentence_label=torch.tensor(CONTINUATIONS))
    found.loss.backward()
    gradients = transformers.BertForPreTraining(config)
    for (name, parameter), (_, trained) in zip(gradients.named_parameters(), model.named_parameters()):
        parameter.data = trained.grad.float()
    gradients.tie_weights()
    gradients.save_pretrained(HERE / "gradients")
    starts = [sum(len(text) for text in TEXTS[:row]) for row in range(len(TEXTS))]
    (HERE / "loss.json").write_text(json.dumps(dict(
        texts=TEXTS, segments=SEGMENTS, continuations=CONTINUATIONS,
        rows=[start + place for start, targets in zip(starts, TARGETS) for place in targets],
        targets=[token for targets in TARGETS for token in targets.values()], loss=found.loss.item())) + "\n")


main()
