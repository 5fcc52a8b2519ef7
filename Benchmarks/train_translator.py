# SPDX-License-Identifier: Apache-2.0
"""Training speed of a translator beside PyTorch: the same sizes, tokens, batches and precision, one after the other.

    python3 Benchmarks/train_translator.py --attune .build/release/attune pairs.tsv --steps 60 --threads 1

Attune trains the recipe for `--steps` steps; PyTorch then trains transformers' MarianMTModel of the same folder on batches of
the same budget, its rows sorted by length so that little is padded. Printed are tokens of sources and targets over the time
of the steps alone; the padding does not count.
"""
import argparse
import gzip
import json
import os
import random
import subprocess
import tempfile
import time
import warnings


def ours(options, folder):
    command = [
        options.attune, "train", "translator", options.pairs, "--output", folder, "--recipe", options.recipe,
        "--max-steps", str(options.steps), "--evaluate-every", str(options.steps), "--batch-tokens", str(options.budget),
        "--threads", str(options.threads), "--quiet", "--json"]
    cost = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["cost"]
    return cost["tokens_per_second"], cost["step_seconds"] / cost["steps"], cost["peak_mib"]


def pairs(path, tokenizer, limit=8000):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as lines:
        rows = [line.rstrip("\n").split("\t")[:2] for line, _ in zip(lines, range(limit))][1:]
    return [(tokenizer(a)["input_ids"], tokenizer(text_target=b)["input_ids"]) for a, b in rows]


def batches(examples, budget):
    examples = sorted(examples, key=lambda pair: -len(pair[0]) - len(pair[1]))
    result, current, tokens = [], [], 0
    for pair in examples:
        length = len(pair[0]) + len(pair[1])
        if current and tokens + length > budget:
            result.append(current)
            current, tokens = [], 0
        current.append(pair)
        tokens += length
    random.Random(0).shuffle(result)
    return result


def peer(options, folder):
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch
    import transformers
    torch.set_num_threads(options.threads)
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    config = transformers.MarianConfig.from_pretrained(folder)
    model = transformers.MarianMTModel(config).train()
    pad = config.pad_token_id
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.9, 0.98), weight_decay=0, fused=True)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=0.1)

    def tensors(batch):
        width = [max(len(pair[side]) for pair in batch) for side in (0, 1)]
        source = torch.full((len(batch), width[0]), pad)
        mask = torch.zeros((len(batch), width[0]), dtype=torch.long)
        read, written = torch.full((len(batch), width[1]), pad), torch.full((len(batch), width[1]), -100)
        for row, (a, b) in enumerate(batch):
            source[row, :len(a)], mask[row, :len(a)] = torch.tensor(a), 1
            read[row, 1:len(b)], written[row, :len(b)] = torch.tensor(b[:-1]), torch.tensor(b)
        return source, mask, read, written, sum(len(a) + len(b) for a, b in batch)

    def step(source, mask, read, written, count):
        logits = model(input_ids=source, attention_mask=mask, decoder_input_ids=read, use_cache=False).logits
        loss = loss_of(logits.view(-1, logits.shape[-1]), written.view(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return count

    data = [tensors(batch) for batch in batches(pairs(options.pairs, tokenizer), options.budget)]
    for index in range(2):
        step(*data[index % len(data)])
    start = time.perf_counter()
    tokens = sum(step(*data[index % len(data)]) for index in range(options.steps))
    seconds = time.perf_counter() - start
    return tokens / seconds, seconds / options.steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pairs")
    parser.add_argument("--attune", default=".build/release/attune")
    parser.add_argument("--recipe", default="tiny")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--budget", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        speed, seconds, memory = ours(options, run)
        print(f"Attune   {speed:8.0f} tokens/s, {1000 * seconds:6.0f} ms a step, {memory:.0f} MiB")
        peer_speed, peer_seconds = peer(options, os.path.join(run, "last"))
        print(f"PyTorch  {peer_speed:8.0f} tokens/s, {1000 * peer_seconds:6.0f} ms a step")
        print(f"ratio    {speed / peer_speed:8.2f}")


if __name__ == "__main__":
    main()
