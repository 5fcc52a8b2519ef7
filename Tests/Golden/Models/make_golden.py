# SPDX-License-Identifier: Apache-2.0
"""Writes modules.json: results and gradients of PyTorch's nn.LSTM, nn.BatchNorm1d and nn.TransformerDecoderLayer in float64.

Run as `PYTHONPATH=.. python make_golden.py` in this folder; needs torch.
"""

import torch
from golden_cases import Cases, single, slices
from torch import nn
from torch.nn.utils.rnn import pack_sequence, unpack_sequence


def add_lstm(cases):
    """Two layers in both directions over ragged sequences."""
    lengths, width, units = [3, 1, 5, 2], 5, 3
    lstm = nn.LSTM(width, units, num_layers=2, bidirectional=True)
    inputs, ours = {"states": [sum(lengths), width]}, {}
    for name in lstm._flat_weights_names:
        kind, side, layer, *reverse = name.split("_")
        part = {"ih": "input", "hh": "recurrent"}[side]
        direction = "backward" if reverse else "forward"
        ours[name] = f"layers.{layer[1:]}.{direction}.{part}.{kind}"
        inputs[ours[name]] = list(getattr(lstm, name).shape)

    def compute(t):
        lstm._flat_weights = [t[ours[name]] for name in lstm._flat_weights_names]
        packed = pack_sequence([t["states"][rows] for rows in slices(lengths)], enforce_sorted=False)
        return torch.cat(unpack_sequence(lstm(packed)[0]))

    cases.add("lstm", inputs, compute, lengths=lengths)


def add_batch_norm(cases):
    """Three steps of training, the running statistics they leave, and inference with those."""
    rows, width = [4, 7, 5], 3
    inputs = {
        **{f"batches.{index}.states": ([count, width], 2.0, 0.5) for index, count in enumerate(rows)},
        "norm.weight": ([width], 0.5, 1.0),
        "norm.bias": [width],
        "norm.runningMean": [width],
        "norm.runningVariance": ([width], 0.5, 1.0),
    }

    def compute(t):
        norm = nn.BatchNorm1d(width, eps=single(1e-5), momentum=single(0.1))
        norm.running_mean.copy_(t["norm.runningMean"])
        norm.running_var.copy_(t["norm.runningVariance"])
        del norm.weight, norm.bias
        norm.weight, norm.bias = t["norm.weight"], t["norm.bias"]
        batches = [t[f"batches.{index}.states"] for index in range(len(rows))]
        results = [norm(batch) for batch in batches]
        statistics = [norm.running_mean.clone()[None], norm.running_var.clone()[None]]
        norm.eval()
        return torch.cat(results + statistics + [norm(batches[0])])

    cases.add("batchNorm", inputs, compute, constants=("norm.runningMean", "norm.runningVariance"))


def decoder_inputs(width, wide, targets, sources):
    inputs = {"states": [sum(targets), width], "memory": [sum(sources), width]}

    def linear(name, output, input):
        inputs[f"layer.{name}.weight"] = ([output, input], 0.5, 0.0)
        inputs[f"layer.{name}.bias"] = ([output], 0.2, 0.0)

    for attention in ["selfAttention", "crossAttention"]:
        for part in ["query", "key", "value", "output"]:
            linear(f"{attention}.{part}", width, width)
    linear("feedForward.expand", wide, width)
    linear("feedForward.contract", width, wide)
    for residual in ["selfAttentionResidual", "crossAttentionResidual", "feedForwardResidual"]:
        inputs[f"layer.{residual}.norm.weight"] = ([width], 0.3, 1.0)
        inputs[f"layer.{residual}.norm.bias"] = ([width], 0.2, 0.0)
    return inputs


def decoder_parameters(t):
    """Our parameters under PyTorch's names."""
    parameters = {}
    for theirs, ours in {"self_attn": "selfAttention", "multihead_attn": "crossAttention"}.items():
        for kind in ["weight", "bias"]:
            parts = [t[f"layer.{ours}.{part}.{kind}"] for part in ["query", "key", "value"]]
            parameters[f"{theirs}.in_proj_{kind}"] = torch.cat(parts)
            parameters[f"{theirs}.out_proj.{kind}"] = t[f"layer.{ours}.output.{kind}"]
    residuals = ["selfAttentionResidual", "crossAttentionResidual", "feedForwardResidual"]
    for kind in ["weight", "bias"]:
        parameters[f"linear1.{kind}"] = t[f"layer.feedForward.expand.{kind}"]
        parameters[f"linear2.{kind}"] = t[f"layer.feedForward.contract.{kind}"]
        for index, residual in enumerate(residuals, start=1):
            parameters[f"norm{index}.{kind}"] = t[f"layer.{residual}.norm.{kind}"]
    return parameters


def add_decoder_layer(cases, placement):
    width, heads, wide, targets, sources = 8, 2, 12, [3, 1, 4], [2, 5, 1]
    layer = nn.TransformerDecoderLayer(
        width, heads, wide, dropout=0, activation="gelu", layer_norm_eps=single(1e-5), batch_first=True,
        norm_first=placement == "pre")

    def compute(t):
        parameters, results = decoder_parameters(t), []
        for rows, source in zip(slices(targets), slices(sources)):
            states = t["states"][rows][None]
            mask = nn.Transformer.generate_square_subsequent_mask(states.shape[1], dtype=states.dtype)
            arguments = (states, t["memory"][source][None])
            results.append(torch.func.functional_call(layer, parameters, arguments, {"tgt_mask": mask})[0])
        return torch.cat(results)

    cases.add(
        f"decoder layer {placement}", decoder_inputs(width, wide, targets, sources), compute, targets=targets,
        sources=sources)


def main():
    cases = Cases()
    add_lstm(cases)
    add_batch_norm(cases)
    add_decoder_layer(cases, "pre")
    add_decoder_layer(cases, "post")
    cases.write("modules.json")


main()
