# SPDX-License-Identifier: Apache-2.0
"""The PyTorch side of the training benchmarks: the classifier, its step, and the report line."""
import argparse
import json
import os
import resource
import statistics


def parser(description):
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--layers", type=int, default=4)
    result.add_argument("--width", type=int, default=256)
    result.add_argument("--heads", type=int, default=4)
    result.add_argument("--feed-forward", type=int, default=1024)
    result.add_argument("--vocabulary", type=int, default=8192)
    result.add_argument("--dropout", type=float, default=0.1)
    result.add_argument("--batch", type=int, default=32)
    result.add_argument("--threads", type=int, default=2)
    result.add_argument("--mode", choices=["eager", "compiled"], default="eager")
    result.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: autocast")
    return result


def limit_threads(count):
    """Before torch is imported."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(count)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def make_step(options, dynamic):
    """Returns step(ids, mask, labels) -> loss: forward, backward and a fused AdamW step."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    configuration = BertConfig(
        hidden_size=options.width, num_hidden_layers=options.layers, num_attention_heads=options.heads,
        intermediate_size=options.feed_forward, vocab_size=options.vocabulary, num_labels=2,
        hidden_dropout_prob=options.dropout, attention_probs_dropout_prob=options.dropout)
    configuration._attn_implementation = "sdpa"
    model = BertForSequenceClassification(configuration).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

    def loss_of(ids, mask, labels):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bfloat16"):
            return model(input_ids=ids, attention_mask=mask, labels=labels).loss

    forward = torch.compile(loss_of, dynamic=dynamic) if options.mode == "compiled" else loss_of

    def step(ids, mask, labels):
        optimizer.zero_grad(set_to_none=True)
        loss = forward(ids, mask, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def quantiles(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def report(benchmark, options, **members):
    from importlib.metadata import version

    settings = {name: getattr(options, name) for name in (
        "layers", "width", "heads", "feed_forward", "vocabulary", "dropout", "batch", "threads")}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({
        "benchmark": benchmark, "peer": f"pytorch {options.mode}", **settings, **members, "peak_mib": peak,
        "versions": {name: version(name) for name in ("torch", "transformers")}}), flush=True)
