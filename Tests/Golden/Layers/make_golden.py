# SPDX-License-Identifier: Apache-2.0
"""Writes operations.json and classifier.json: results and gradients of PyTorch in float64.

Run as `PYTHONPATH=.. python make_golden.py` in this folder; needs torch. Inputs are drawn by SplitMix64 on both sides,
so the files hold only seeds, results and gradients.
"""

import math

import torch
import torch.nn.functional as F
from golden_cases import Cases, drawn, single, slices

ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "mish": F.mish,
}


def attention(q, k, v, heads, mask=None, scale=None):
    """[queries, dimension] of one sequence; mask is added to the scores of each head."""
    if k.shape[0] == 0:
        return torch.zeros_like(q)
    split = lambda x: x.reshape(x.shape[0], heads, -1).transpose(0, 1)
    attended = F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask, scale=scale)
    return attended.transpose(0, 1).reshape(q.shape[0], -1)


def distances(query_count, key_count):
    queries = torch.arange(query_count)[:, None] + key_count - query_count
    return torch.arange(key_count)[None, :] - queries


def hidden_where(condition):
    return torch.where(condition, -math.inf, 0.0)


def ragged_attention(queries, keys, heads, mask_of=None, scale=None, key_sequences=None):
    def compute(t):
        parts = []
        key_slices = list(slices(keys))
        for index, (rows, count) in enumerate(zip(slices(queries), queries)):
            which = index if key_sequences is None else key_sequences[index]
            key_rows = key_slices[which]
            mask = None if mask_of is None else mask_of(t, distances(count, keys[which]))
            parts.append(attention(t["q"][rows], t["k"][key_rows], t["v"][key_rows], heads, mask, scale))
        return torch.cat(parts)

    return compute


def add_dense(cases):
    for name, f in ACTIVATIONS.items():
        cases.add(
            f"linear {name}", {"x": [5, 7], "weight": [3, 7], "bias": [3]},
            lambda t: f(F.linear(t["x"], t["weight"], t["bias"])))
        cases.add(
            f"feedForward {name}",
            {"x": [5, 6], "w1": [9, 6], "b1": [9], "w2": [4, 9], "b2": [4]},
            lambda t: F.linear(f(F.linear(t["x"], t["w1"], t["b1"])), t["w2"], t["b2"]))
    norm = {"weight": ([7], 0.5, 1.0), "bias": [7]}
    cases.add(
        "layerNorm", {"x": [5, 7], **norm},
        lambda t: F.layer_norm(t["x"], [7], t["weight"], t["bias"], single(1e-5)))
    cases.add(
        "layerNorm of a sum", {"x": [5, 7], "residual": [5, 7], **norm},
        lambda t: F.layer_norm(t["x"] + t["residual"], [7], t["weight"], t["bias"], single(1e-5)))
    cases.add(
        "batchNorm", {"x": [6, 7], **norm},
        lambda t: F.batch_norm(t["x"], None, None, t["weight"], t["bias"], True, 0.0, single(1e-5)))
    cases.add("softmax", {"x": ([4, 9], 4.0, 0.0)}, lambda t: t["x"].softmax(-1))
    cases.add(
        "columns", {"a": [4, 3], "b": [4, 1], "c": [4, 5]}, lambda t: torch.cat([t["a"], t["b"], t["c"]], 1))
    cases.add("rows", {"a": [2, 3], "b": [1, 3]}, lambda t: torch.cat([t["a"], t["b"]]))


def add_attention(cases):
    own, heads = [3, 1, 6], 2
    states = {"q": [10, 8], "k": [10, 8], "v": [10, 8]}
    cases.add("attention full", states, ragged_attention(own, own, heads), queries=own, keys=own)
    cases.add(
        "attention scaled", states, ragged_attention(own, own, heads, scale=1.0), queries=own, keys=own)
    cases.add(
        "attention causal", states,
        ragged_attention(own, own, heads, lambda t, d: hidden_where(d > 0)), queries=own, keys=own)
    cases.add(
        "attention window", states,
        ragged_attention(own, own, heads, lambda t, d: hidden_where(d.abs() > 1)), queries=own, keys=own)
    queries, keys = [2, 4, 1, 3], [5, 1, 7, 0]
    crossed = {"q": [10, 8], "k": [13, 8], "v": [13, 8]}
    cases.add("attention crossed", crossed, ragged_attention(queries, keys, heads), queries=queries, keys=keys)
    order = [2, 0, 2, 1]
    cases.add(
        "attention of chosen keys", crossed, ragged_attention(queries, keys, heads, key_sequences=order),
        queries=queries, keys=keys, keySequences=order)
    queries, keys = [2, 1, 4], [5, 3, 4]
    cases.add(
        "attention causal at the end", {"q": [7, 8], "k": [12, 8], "v": [12, 8]},
        ragged_attention(queries, keys, heads, lambda t, d: hidden_where(d > 0)), queries=queries, keys=keys)
    cases.add(
        "attention biased", {**states, "bias": [heads, 11]},
        ragged_attention(own, own, heads, lambda t, d: t["bias"][:, d + 5]), queries=own, keys=own)


def rotated(x, positions, base, heads):
    """Rotary positions, columns i and i + width / 2 of a head together; angles in float32 as transformers has them."""
    width = x.shape[1] // heads
    exponents = torch.arange(0, width, 2, dtype=torch.float32) / width
    frequencies = 1.0 / (single(base) ** exponents)
    angles = (torch.tensor(positions, dtype=torch.float32)[:, None] * frequencies).double()
    cosines, sines = (torch.cat([f(angles)] * 2, 1)[:, None] for f in [torch.cos, torch.sin])
    split = x.reshape(x.shape[0], heads, width)
    half = torch.cat([-split[..., width // 2 :], split[..., : width // 2]], -1)
    return (split * cosines + half * sines).reshape(x.shape)


def add_modern(cases):
    """What ModernBERT and MPNet have beyond BERT."""
    lengths, heads = [3, 1, 6], 2
    positions = [5, 0, 3000, 17, 1, 6, 7, 2, 9, 8]
    for base in [10000.0, 160000.0]:
        cases.add(
            f"rotated {base:g}", {"x": [10, 12]}, lambda t: rotated(t["x"], positions, base, heads),
            positions=positions, base=[base])

    def attend(t):
        parts = []
        for rows, length in zip(slices(lengths), lengths):
            q, k, v = (F.linear(t["x"][rows], t[f"w{name}"], t[f"b{name}"]) for name in "qkv")
            q, k = (rotated(y, range(length), 100.0, heads) for y in [q, k])
            parts.append(attention(q, k, v, heads, hidden_where(distances(length, length).abs() > 2)))
        return torch.cat(parts)

    parameters = {"x": [10, 8]}
    for name in "qkv":
        parameters |= {f"w{name}": [8, 8], f"b{name}": [8]}
    cases.add("self-attention rotated and windowed", parameters, attend, lengths=lengths)
    for name, f in ACTIVATIONS.items():
        def gated(t):
            activated, gate = F.linear(t["x"], t["w1"], t["b1"]).chunk(2, -1)
            return F.linear(f(activated) * gate, t["w2"], t["b2"])

        cases.add(
            f"gatedFeedForward {name}", {"x": [5, 6], "w1": [18, 6], "b1": [18], "w2": [4, 9], "b2": [4]}, gated)


def add_recurrent(cases):
    lengths, units, width = [3, 0, 5, 4, 5], 3, 4

    def run(reverse, truncation):
        def compute(t):
            parts = []
            for index, rows in enumerate(slices(lengths)):
                x = t["x"][rows].flip(0) if reverse else t["x"][rows]
                h, c = t["hidden"][index : index + 1], t["cell"][index : index + 1]
                steps = []
                for step in range(x.shape[0]):
                    if truncation and step and step % truncation == 0:
                        h, c = h.detach(), c.detach()
                    h, c = torch.lstm_cell(
                        x[step : step + 1], (h, c), t["weight_ih"], t["weight_hh"], t["bias_ih"], t["bias_hh"])
                    steps.append(h)
                if steps:
                    parts.append(torch.cat(steps[::-1] if reverse else steps))
            return torch.cat(parts)

        return compute

    inputs = {
        "x": [sum(lengths), width], "weight_ih": [4 * units, width], "weight_hh": [4 * units, units],
        "bias_ih": [4 * units], "bias_hh": [4 * units], "hidden": [len(lengths), units],
        "cell": [len(lengths), units],
    }
    cases.add("lstm", inputs, run(False, None), lengths=lengths)
    cases.add("lstm reversed", inputs, run(True, None), lengths=lengths)
    cases.add("lstm truncated", inputs, run(False, 2), lengths=lengths)


def add_sequences(cases):
    ids, others = [3, 0, 3, 4, 3, 1], [0, 1, 2, 0, 1, 1]
    cases.add(
        "embedding", {"a": [6, 5], "b": [3, 5]},
        lambda t: F.embedding(torch.tensor(ids), t["a"]) + F.embedding(torch.tensor(others), t["b"]),
        ids=ids, others=others)
    cases.add("chosen rows", {"x": [6, 5]}, lambda t: t["x"][torch.tensor(ids)], ids=ids)
    lengths = [3, 1, 6]

    def pooled(f):
        return lambda t: torch.stack([f(t, rows) for rows in slices(lengths)])

    states = {"x": [10, 5]}
    cases.add("pooling mean", states, pooled(lambda t, rows: t["x"][rows].mean(0)), lengths=lengths)
    cases.add("pooling first", states, pooled(lambda t, rows: t["x"][rows][0]), lengths=lengths)
    cases.add("pooling max", states, pooled(lambda t, rows: t["x"][rows].amax(0)), lengths=lengths)
    cases.add(
        "pooling attention", {**states, "score": [10, 1]},
        pooled(lambda t, rows: (t["x"][rows] * t["score"][rows].softmax(0)).sum(0)), lengths=lengths)


def entropy(logits, classes, smoothing, weights):
    losses = F.cross_entropy(
        logits, torch.tensor(classes), ignore_index=-1, label_smoothing=smoothing, reduction="none")
    return (losses * torch.tensor(weights)).sum()


def add_losses(cases):
    classes, weights = [2, -1, 0, 4, 4, 1], [1.0, 1.0, 0.5, 2.0, 0.25, 0.0]
    logits = {"x": ([6, 5], 3.0, 0.0)}
    cases.add("crossEntropy", logits, lambda t: entropy(t["x"], classes, 0.0, [1.0] * 6), classes=classes)
    cases.add(
        "crossEntropy smoothed and weighted", logits, lambda t: entropy(t["x"], classes, 0.125, weights),
        classes=classes, weights=weights)
    rows = 1100
    many = [(index * 7) % 6 - 1 for index in range(rows)]
    shares = [(index % 5) * 0.25 for index in range(rows)]
    cases.add(
        "projectedCrossEntropy", {"x": [rows, 3], "table": [5, 3], "bias": [5]},
        lambda t: entropy(F.linear(t["x"], t["table"], t["bias"]), many, 0.125, shares))
    weights = torch.tensor(weights)
    distributions = torch.softmax(drawn([6, 5], 9, 2.0), 1)
    cases.add(
        "crossEntropy of distributions", logits,
        lambda t: (F.cross_entropy(t["x"], distributions, reduction="none") * weights).sum(),
        targets=distributions.flatten().tolist(), weights=weights.tolist())
    chosen = (drawn([6, 5], 10) > 0.2).double()
    wide = {"x": ([6, 5], 60.0, 0.0)}
    for name, inputs in [("binaryCrossEntropy", logits), ("binaryCrossEntropy of large logits", wide)]:
        cases.add(
            name, inputs, lambda t: F.binary_cross_entropy_with_logits(t["x"], chosen, reduction="sum"),
            targets=chosen.flatten().tolist())
    numbers = drawn([6, 1], 11, 3.0)
    cases.add(
        "squaredError", {"x": [6, 1]}, lambda t: F.mse_loss(t["x"], numbers, reduction="sum"),
        targets=numbers.flatten().tolist())


def classifier_parameters(dimension, wide, vocabulary, positions, labels, attention_pooling, pooler):
    def linear(name, output, input):
        return {f"{name}.weight": ([output, input], 0.4, 0.0), f"{name}.bias": ([output], 0.1, 0.0)}

    def norm(name):
        return {f"{name}.weight": ([dimension], 0.3, 1.0), f"{name}.bias": ([dimension], 0.1, 0.0)}

    layer = "encoder.layers.0"
    parameters = {
        "encoder.token.weight": [vocabulary, dimension], "encoder.position.weight": [positions, dimension],
        **norm("encoder.norm"),
    }
    for part in ["query", "key", "value", "output"]:
        parameters |= linear(f"{layer}.selfAttention.{part}", dimension, dimension)
    parameters |= norm(f"{layer}.selfAttentionResidual.norm")
    parameters |= linear(f"{layer}.feedForward.expand", wide, dimension)
    parameters |= linear(f"{layer}.feedForward.contract", dimension, wide)
    parameters |= norm(f"{layer}.feedForwardResidual.norm")
    if attention_pooling:
        parameters |= linear("pooling.score", 1, dimension)
    if pooler:
        parameters |= linear("head.pooler", dimension, dimension)
    return parameters | linear("head.classifier", labels, dimension)


def add_classifier(cases, placement, pooling, pooler):
    dimension, heads, epsilon = 8, 2, single(1e-5)
    sequences = [[3, 1, 4, 1, 5], [2], [6, 5, 3]]

    def compute(t):
        def linear(name, x):
            return F.linear(x, t[f"{name}.weight"], t[f"{name}.bias"])

        def norm(name, x):
            return F.layer_norm(x, [dimension], t[f"{name}.weight"], t[f"{name}.bias"], epsilon)

        def residual(name, x, sublayer):
            if placement == "pre":
                return x + sublayer(norm(f"{name}.norm", x))
            return norm(f"{name}.norm", x + sublayer(x))

        layer = "encoder.layers.0"

        def attend(x):
            q, k, v = (linear(f"{layer}.selfAttention.{part}", x) for part in ["query", "key", "value"])
            return linear(f"{layer}.selfAttention.output", attention(q, k, v, heads))

        def widen(x):
            return linear(f"{layer}.feedForward.contract", F.gelu(linear(f"{layer}.feedForward.expand", x)))

        rows = []
        for ids in sequences:
            x = t["encoder.token.weight"][torch.tensor(ids)] + t["encoder.position.weight"][: len(ids)]
            x = norm("encoder.norm", x)
            x = residual(f"{layer}.selfAttentionResidual", x, attend)
            x = residual(f"{layer}.feedForwardResidual", x, widen)
            if pooling == "attention":
                rows.append((x * linear("pooling.score", x).softmax(0)).sum(0))
            else:
                rows.append({"mean": x.mean(0), "first": x[0], "max": x.amax(0)}[pooling])
        pooled = torch.stack(rows)
        if pooler:
            pooled = torch.tanh(linear("head.pooler", pooled))
        logits = linear("head.classifier", pooled)
        # The loss of training, beside the logits themselves, so that one number depends on both.
        loss = F.cross_entropy(logits, torch.tensor([0, 2, 1]), reduction="sum")
        return torch.cat([logits.flatten(), loss[None]])

    cases.add(
        f"{placement} {pooling}{' pooler' if pooler else ''}",
        classifier_parameters(dimension, 16, 7, 6, 3, pooling == "attention", pooler), compute)


def main():
    operations = Cases()
    for add in [add_dense, add_attention, add_recurrent, add_sequences, add_losses, add_modern]:
        add(operations)
    operations.write("operations.json")
    classifier = Cases()
    add_classifier(classifier, "post", "first", True)
    add_classifier(classifier, "post", "mean", False)
    add_classifier(classifier, "pre", "attention", False)
    add_classifier(classifier, "pre", "max", True)
    classifier.write("classifier.json")


main()
