# SPDX-License-Identifier: Apache-2.0
"""Makes Generation/: a tiny Marian model of random numbers, and what transformers' generate writes with it.

usage: python make_generation.py

Each source is decoded alone, so that no padding takes part, in double precision.
"""
import json
import pathlib

import torch
from transformers import MarianConfig, MarianMTModel

FOLDER = pathlib.Path(__file__).parent / "Generation"
VOCABULARY, END, PADDING = 24, 0, 23

torch.manual_seed(14)
config = MarianConfig(
    vocab_size=VOCABULARY, decoder_vocab_size=VOCABULARY, d_model=16, encoder_layers=1, decoder_layers=2,
    encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24,
    max_position_embeddings=64, activation_function="swish", init_std=0.8, scale_embedding=False,
    pad_token_id=PADDING, eos_token_id=END, decoder_start_token_id=PADDING, forced_eos_token_id=None,
    dropout=0.0)
model = MarianMTModel(config).eval()
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if "layer_norm" in name or name.endswith("bias"):
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.final_logits_bias.copy_(0.3 * torch.randn(1, VOCABULARY))
    model.final_logits_bias[0, END] += 2.5
model.generation_config.forced_eos_token_id = None
model.generation_config.bad_words_ids = [[PADDING]]
FOLDER.mkdir(exist_ok=True)
model.save_pretrained(FOLDER)
model = model.double()

sources = [torch.randint(1, PADDING, (int(length),)).tolist() + [END] for length in (3, 5, 1, 8, 4, 6)]
LONGEST = 16


def greedy(**settings):
    outputs = []
    for source in sources:
        found = model.generate(
            input_ids=torch.tensor([source]), num_beams=1, do_sample=False, bad_words_ids=[[PADDING]],
            return_dict_in_generate=True, output_logits=True,
            **({"max_new_tokens": LONGEST} | settings))
        written = found.sequences[0].tolist()
        logits = torch.stack(found.logits, dim=0)[:, 0]
        chosen = torch.tensor(written[len(written) - len(logits):])
        score = torch.log_softmax(logits, -1).gather(1, chosen[:, None]).sum().item()
        outputs.append([dict(tokens=written[1:], score=score)])
    return dict(settings=dict(num_beams=1) | settings, outputs=outputs)


def beam(width, count=None, prefix=(), **settings):
    count = count or width
    outputs = []
    for source in sources:
        arguments = {"max_new_tokens": LONGEST - len(prefix)} | settings
        if prefix:
            arguments["decoder_input_ids"] = torch.tensor([[PADDING, *prefix]])
        found = model.generate(
            input_ids=torch.tensor([source]), num_beams=width, num_return_sequences=count, do_sample=False,
            return_dict_in_generate=True, output_scores=True,
            **({"bad_words_ids": [[PADDING]]} | arguments))
        rows = []
        for sequence, score in zip(found.sequences.tolist(), found.sequences_scores.tolist()):
            tokens = sequence[1:]
            while tokens and tokens[-1] == PADDING:
                tokens.pop()
            rows.append(dict(tokens=tokens, score=score))
        outputs.append(rows)
    settings = {key: value for key, value in settings.items() if value is not None}
    return dict(settings=dict(num_beams=width, prefix=list(prefix)) | settings, outputs=outputs)


cases = [
    greedy(), greedy(min_new_tokens=6), greedy(max_new_tokens=3), greedy(no_repeat_ngram_size=2),
    beam(4), beam(2, early_stopping=True), beam(4, early_stopping=True), beam(4, early_stopping="never"),
    beam(4, length_penalty=0.0), beam(4, length_penalty=0.6), beam(4, length_penalty=2.0), beam(4, length_penalty=-0.5),
    beam(4, length_penalty=1.4, early_stopping="never"),
    beam(4, repetition_penalty=1.3), beam(4, repetition_penalty=0.8), beam(4, no_repeat_ngram_size=2), beam(3, no_repeat_ngram_size=1),
    beam(4, min_new_tokens=7), beam(5, max_new_tokens=4), beam(4, prefix=(5, 9)), beam(3, prefix=(7,), length_penalty=0.5),
    beam(4, bad_words_ids=[[PADDING], [3], [4, 5], [12]]), beam(6, repetition_penalty=1.2, no_repeat_ngram_size=3, min_new_tokens=3),
]
def teaching(source, target):
    """Log-probabilities of the target and its end, and the last layer's attention on the source, in the mean over heads."""
    with torch.no_grad():
        found = model(
            input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[PADDING, *target]]), output_attentions=True)
    expected = torch.tensor([*target, END])
    chosen = torch.log_softmax(found.logits[0], -1).gather(1, expected[:, None])[:, 0]
    return dict(
        target=target, log_probabilities=chosen.tolist(), attention=found.cross_attentions[-1][0].mean(0).tolist())


model.set_attn_implementation("eager")
targets = [[3, 9, 4], [], [7], [1, 2, 3, 4, 5, 6, 7, 8], [20, 20], [11, 0, 12]]
given = [teaching(source, target) for source, target in zip(sources, targets)]
with open(FOLDER / "generation.json", "w") as file:
    json.dump(dict(end=END, padding=PADDING, longest=LONGEST, sources=sources, cases=cases, given=given), file)
