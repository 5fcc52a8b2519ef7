# SPDX-License-Identifier: Apache-2.0
"""Rows 5 and 6: training steps of a classifier on texts of one length, the optimizer's step included."""
import json
import os
import statistics
import tempfile

from arithmetic import Shape
from turns import HERE, heading, measured, number, peaks, ranged, share, spread, started, table, take_turns, verdict

# Layers, columns, heads, columns of the feed-forward net, entries of the vocabulary.
SHAPES = {
    "tiny": (2, 128, 2, 512, 8192), "mini": (4, 256, 4, 1024, 8192), "small": (4, 512, 8, 2048, 8192),
    "MiniLM": (6, 384, 12, 1536, 30522)}
BATCH, LENGTH = 32, 128
STEPS = {"tiny": 40, "mini": 8, "small": 3, "MiniLM": 3}  # of a turn: about two seconds
NARROW = ["bfloat16", "int16"]


def shape_options(shape):
    names = ("--layers", "--width", "--heads", "--feed-forward", "--vocabulary")
    return [word for name, value in zip(names, SHAPES[shape]) for word in (name, str(value))]


def operations(shape):
    """Of one token of a step."""
    layers, width, _, wide, _ = SHAPES[shape]
    return Shape(layers, width, wide).step(LENGTH)


def peak_of(name, found):
    """What the processor reaches in the kind of number that a contestant multiplies."""
    kind = next((kind for kind in NARROW if kind in name), "bfloat16" if "bf16" in name else "float32")
    return found[f"{kind}_gops"]


def contestants_of(shape, options):
    common = [*shape_options(shape), "--threads", str(options.threads), "--batch", str(BATCH), "--length", str(LENGTH), "--steps",
              str(STEPS[shape]), "--turns"]

    def ours(precision):
        return [options.bench, "train", *common, "--precision", precision]

    def theirs(*more):
        return [options.python, os.path.join(HERE, "train_encoder.py"), *common, *more]

    if options.row == 5:
        made = {"Attune": ours("float32"), "PyTorch": theirs(), "PyTorch, compiled": theirs("--mode", "compiled")}
    else:
        made = {f"Attune, {name}": ours(name) for name in NARROW}
        made |= {"PyTorch, bf16 autocast": theirs("--precision", "bfloat16"), "PyTorch, Float32": theirs()}
    return started(made, options)


def speed(options):
    options.rounds = options.rounds or 3
    heading(f"Row {options.row}: training a classifier, batches of {BATCH} texts of {LENGTH} tokens"
            + (", narrow products" if options.row == 6 else ", Float32"), options)
    wanted = 1.3 if options.row == 5 else 1.5
    found = peaks(options)
    results = {}
    for shape in options.shapes or SHAPES:
        contestants = take_turns(contestants_of(shape, options), options.rounds)
        rates = {c.name: [value["median"] for value in c.values("tokens_per_second")] for c in contestants}
        medians = {name: spread(values)["median"] for name, values in rates.items()}
        ours = max((name for name in medians if name.startswith("Attune")), key=medians.get)
        print(f"### {shape}: {operations(shape) / 1e6:.1f} million operations a token\n")
        table(["", "tokens/s, median", "range", f"{ours} is faster by", "share of the peak", "peak memory, MiB", "last loss"], [
            [c.name, ranged(rates[c.name]), "" if c.name.startswith("Attune") else f"{medians[ours] / medians[c.name]:.2f} times",
             share(medians[c.name] * operations(shape), peak_of(c.name, found)), number(c.peak),
             f"{c.results[-1]['loss']:.3f}"] for c in contestants])
        peers = [name for name in medians if not name.startswith("Attune") and (options.row == 5 or "bf16" in name)]
        best = max(peers, key=medians.get)
        results[shape] = {**verdict(medians[ours] / medians[best], wanted, best), "tokens_per_second": {
            name: spread(values) for name, values in rates.items()}}
        if options.profile or options.row == 5:
            results[shape]["profile"] = parts(shape, options)
    return {"row": options.row, "peaks": found, "shapes": results}


def parts(shape, options):
    """The parts of our step, each timed by itself."""
    precision = ["--precision", "int16"] if options.row == 6 else []
    output, _, _ = measured(
        [options.bench, "train", *shape_options(shape), "--threads", str(options.threads), "--steps", str(STEPS[shape]),
         "--profile", *precision], options)
    found = json.loads(output.strip().splitlines()[-1])["profile"]
    names = ("products", "attention", "optimizer", "rest")
    print("Where Attune's step goes: " + ", ".join(f"{name} {found[name]['share'] * 100:.0f} %" for name in names)
          + f"; its products run at {number(found['products_gflops'])} GOP/s.\n", flush=True)
    return found


def accuracy(options):
    """Validation accuracy of three seeds in each precision, MiniLM fine-tuned by the program."""
    steps, options.rounds = options.texts or 250, 3
    heading(f"Row 6: validation accuracy after {steps} steps from MiniLM, three seeds", options)
    found = {}
    for precision in ("float32", *NARROW):
        found[precision] = []
        for seed in range(3):
            with tempfile.TemporaryDirectory() as folder:
                output, _, _ = measured([
                    options.attune, "train", "classifier", os.path.join(options.work, "phrases.csv.gz"), "--validation",
                    os.path.join(options.work, "validation.csv"), "--from", os.path.join(options.work, "minilm"), "--output",
                    os.path.join(folder, "run"), "--max-steps", str(steps), "--precision", precision, "--seed", str(seed),
                    "--threads", str(options.threads), "--json", "--quiet"], options)
            found[precision].append(json.loads(output)["accuracy"])
    table(["products", "accuracy, median", "range"], [[name, ranged(values)] for name, values in found.items()])
    means = {name: statistics.mean(values) for name, values in found.items()}
    noise = max(max(values) - min(values) for values in found.values())
    apart = max(abs(means[name] - means["float32"]) for name in NARROW)
    print(f"The means of three seeds are at most {100 * apart:.2f} points from that of Float32; the seeds of one kind of number differ "
          f"by up to {100 * noise:.2f}.\n")
    return {"row": 6, "accuracy": found, "apart": apart, "noise": noise, "within_noise": apart <= noise}


def run(options):
    return accuracy(options) if options.accuracy else speed(options)
