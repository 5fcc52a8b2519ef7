# SPDX-License-Identifier: Apache-2.0
"""Training speed of a translator beside PyTorch: the same sizes, tokens in a batch and threads, in turns.

    python3 Benchmarks/train_translator.py pairs.tsv

Attune trains the recipe for `--steps` steps, each round anew; PyTorch trains transformers' MarianMTModel of the same folder on batches
of the same budget, its rows sorted by length so that little is padded, eagerly and compiled, in processes that stay. Printed are tokens
of sources and targets over the time of the steps alone; the padding does not count. Attune's first steps are in its time, PyTorch's not.
`--narrow` adds 16-bit integers for Attune and bfloat16 autocast for PyTorch.
"""
import argparse
import gzip
import json
import os
import random
import sys
import tempfile
import time
import warnings

import recording
from arithmetic import translator_step
from turns import HERE, heading, measured, number, peaks, ranged, share, spread, started, table, verdict

BUILT = os.path.join(HERE, "../.build/release")
WANTED = 1.5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs")
    parser.add_argument("--attune", default=os.path.join(BUILT, "attune"))
    parser.add_argument("--bench", default=os.path.join(BUILT, "attune-bench"))
    parser.add_argument("--recipe", default="tiny")
    parser.add_argument("--steps", type=int, default=40, help="of a turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--budget", type=int, default=8192, help="tokens in a batch, of sources and targets")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--narrow", action="store_true")
    parser.add_argument("--modes", default="eager,compiled", help="of PyTorch")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--record", action="store_true", help="keep the results for RESULTS.md")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--mode", default="eager", help=argparse.SUPPRESS)
    parser.add_argument("--precision", default="float32", help=argparse.SUPPRESS)
    return parser.parse_args()


def ours(options, folder, precision, steps):
    """-> tokens a second of a training of so many steps, and its peak memory"""
    output, _, peak = measured([
        options.attune, "train", "translator", options.pairs, "--output", folder, "--recipe", options.recipe, "--max-steps", str(steps),
        "--evaluate-every", str(steps), "--batch-tokens", str(options.budget), "--threads", str(options.threads), "--precision",
        precision, "--overwrite", "--quiet", "--json"], options)
    return json.loads(output)["cost"]["tokens_per_second"], peak


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


def peer(options):
    """Runs in a process of its own: makes the steps again for each line of standard input."""
    import torch
    import transformers

    warnings.filterwarnings("ignore")
    torch.set_num_threads(options.threads)
    tokenizer = transformers.MarianTokenizer.from_pretrained(options.peer)
    config = transformers.MarianConfig.from_pretrained(options.peer)
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
        return source, mask, read, written

    def forward(source, mask, read, written):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bfloat16"):
            logits = model(input_ids=source, attention_mask=mask, decoder_input_ids=read, use_cache=False).logits
        return loss_of(logits.float().view(-1, logits.shape[-1]), written.view(-1))

    compute = torch.compile(forward, dynamic=True) if options.mode == "compiled" else forward

    def step(index):
        loss = compute(*data[index % len(data)])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    chosen = batches(pairs(options.pairs, tokenizer), options.budget)
    data = [tensors(batch) for batch in chosen]
    lengths = [[(len(a), len(b)) for a, b in batch] for batch in chosen]
    made = [index % len(chosen) for index in range(options.steps)]
    tokens = sum(a + b for index in made for a, b in lengths[index])
    work = sum(translator_step(config.to_dict(), lengths[index]) for index in made)
    for index in range(2):
        step(index)
    print(json.dumps({"operations_per_token": work / tokens, "padded": sum(
        data[index][0].numel() + data[index][2].numel() for index in made) / tokens - 1}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for index in made:
            step(index)
        print(json.dumps({"tokens_per_second": tokens / (time.perf_counter() - start)}), flush=True)


def peers(options, folder):
    plans = {f"PyTorch, {mode}": (mode, "float32") for mode in options.modes.split(",")}
    if options.narrow:
        plans["PyTorch, bf16 autocast"] = ("eager", "bfloat16")
    return started({name: [
        sys.executable, os.path.abspath(__file__), options.pairs, "--peer", folder, "--mode", mode, "--precision", precision, "--budget",
        str(options.budget), "--steps", str(options.steps), "--threads", str(options.threads)]
        for name, (mode, precision) in plans.items()}, options)


def run(options):
    heading(f"Training a translator, recipe {options.recipe}, batches of {options.budget:,} tokens", options)
    peak = peaks(options)
    kinds = {"Attune": "float32"} | ({"Attune, int16": "int16"} if options.narrow else {})
    rates, memory = {name: [] for name in kinds}, dict.fromkeys(kinds, 0)
    with tempfile.TemporaryDirectory() as folder:
        # The peers read the sizes and the tokenizer of a first, short training.
        ours(options, os.path.join(folder, "model"), "float32", 2)
        contestants = peers(options, os.path.join(folder, "model/last"))
        for contestant in contestants:
            contestant.turn()
            contestant.results.clear()
        for _ in range(options.rounds):
            for name, precision in kinds.items():
                rate, used = ours(options, os.path.join(folder, "run"), precision, options.steps)
                rates[name].append(rate)
                memory[name] = max(memory[name], used)
            for contestant in contestants:
                contestant.turn()
        for contestant in contestants:
            contestant.close()
            rates[contestant.name], memory[contestant.name] = contestant.values("tokens_per_second"), contestant.peak
    work = contestants[0].ready["operations_per_token"]
    medians = {name: spread(values)["median"] for name, values in rates.items()}
    print(f"{work / 1e6:.1f} million operations a token; {options.steps} steps a turn; {100 * contestants[0].ready['padded']:.0f} % of "
          "PyTorch's tokens are padding.\n")
    table(["", "tokens/s, median", "range", "Attune's Float32 is faster by", "share of the peak", "peak memory, MiB"], [
        [name, ranged(values), f"{medians['Attune'] / medians[name]:.2f} times", share(
            medians[name] * work, peak[f"{'int16' if 'int16' in name else 'bfloat16' if 'bf16' in name else 'float32'}_gops"]),
         number(memory[name])] for name, values in rates.items()])
    best = max((name for name in medians if name.startswith("PyTorch") and "bf16" not in name), key=medians.get)
    result = {"tokens_per_second": {name: spread(values) for name, values in rates.items()}, "peak_mib": memory,
              "operations_per_token": work, "float32": verdict(medians["Attune"] / medians[best], WANTED, best)}
    if options.narrow:
        narrow = "PyTorch, bf16 autocast"
        result["narrow"] = verdict(medians["Attune, int16"] / medians[narrow], WANTED, narrow)
    return result


def main():
    options = arguments()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if options.peer:
        return peer(options)
    command = f"python3 Benchmarks/train_translator.py PAIRS --recipe {options.recipe}" + (" --narrow" if options.narrow else "")
    section = recording.measured_section(command, lambda: run(options))
    if options.record:
        recording.record("train-translator", section)


if __name__ == "__main__":
    main()
