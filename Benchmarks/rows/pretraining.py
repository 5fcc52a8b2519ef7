# SPDX-License-Identifier: Apache-2.0
"""Row 11: masked-token training steps on texts of one length, the optimizer's step included."""
import os

from arithmetic import Shape
from turns import HERE, heading, number, peaks, ranged, share, spread, started, table, take_turns, verdict

from rows.profile import profile
from rows.training import peak_of

# Layers, columns, heads, columns of the feed-forward net, entries of the vocabulary.
SHAPES = {"tiny": (2, 128, 2, 512, 8000), "mini": (4, 256, 4, 1024, 16000), "small": (4, 512, 8, 2048, 16000)}
BATCH, LENGTH, HIDDEN = 32, 128, 0.15
STEPS = {"tiny": 20, "mini": 6, "small": 3}  # of a turn: about two seconds
SPARSE, COMPILED, DENSE = "PyTorch, sparse loss", "PyTorch, sparse loss, compiled", "transformers, BertForMaskedLM"


def common(shape, options):
    names = ("--layers", "--width", "--heads", "--feed-forward", "--vocabulary")
    sizes = [word for name, value in zip(names, SHAPES[shape]) for word in (name, str(value))]
    return [*sizes, "--threads", str(options.threads), "--batch", str(BATCH), "--length", str(LENGTH), "--mask-rate", str(HIDDEN),
            "--steps", str(STEPS[shape])]


def contestants_of(shape, options):
    def ours(precision):
        return [options.bench, "masked", *common(shape, options), "--turns", "--precision", precision]

    def theirs(*more):
        return [options.python, os.path.join(HERE, "train_masked.py"), *common(shape, options), "--turns", *more]

    made = {"Attune": ours("float32"), SPARSE: theirs("--loss", "sparse"),
            COMPILED: theirs("--loss", "sparse", "--mode", "compiled"), DENSE: theirs("--loss", "dense")}
    made |= {f"Attune, {name}": ours(name) for name in ("bfloat16", "int16")}
    made |= {f"{name}, bf16": theirs("--loss", loss, "--precision", "bfloat16") for name, loss in (
        (SPARSE, "sparse"), (DENSE, "dense"))}
    return started(made, options)


def run(options):
    options.rounds = options.rounds or 3
    heading(f"Row {options.row}: masked-token training, batches of {BATCH} texts of {LENGTH} tokens, {HIDDEN * 100:.0f} % hidden", options)
    peak, results = peaks(options), {}
    for shape in options.shapes or SHAPES:
        layers, width, _, wide, vocabulary = SHAPES[shape]
        work = Shape(layers, width, wide).masked_step(LENGTH, vocabulary, HIDDEN)
        contestants = take_turns(contestants_of(shape, options), options.rounds)
        rates = {c.name: [value["median"] for value in c.values("tokens_per_second")] for c in contestants}
        medians = {name: spread(values)["median"] for name, values in rates.items()}
        print(f"### {shape}: {layers} layers of {width}, {vocabulary:,} tokens; {work / 1e6:.1f} million operations a token\n")
        table(["", "tokens/s, median", "range", "Attune's Float32 is faster by", "share of the peak", "peak memory, MiB"], [
            [c.name, ranged(rates[c.name]), f"{medians['Attune'] / medians[c.name]:.2f} times",
             share(work * medians[c.name], peak_of(c.name, peak)), number(c.peak)] for c in contestants])
        best = max((name for name in (SPARSE, COMPILED) if name in medians), key=medians.get)
        narrow = max(("Attune, bfloat16", "Attune, int16"), key=medians.get)
        results[shape] = {
            "sparse": verdict(medians["Attune"] / medians[best], 1.5, best),
            "dense": verdict(medians["Attune"] / medians[DENSE], 2, DENSE),
            "narrow sparse": verdict(medians[narrow] / medians[f"{SPARSE}, bf16"], 1.5, f"{SPARSE}, bf16"),
            "narrow dense": verdict(medians[narrow] / medians[f"{DENSE}, bf16"], 2, f"{DENSE}, bf16"),
            "tokens_per_second": {name: spread(values) for name, values in rates.items()}, "operations_per_token": work}
        if options.profile:
            results[shape]["profile"] = profile([options.bench, "masked", *common(shape, options)], options)
    return {"row": options.row, "peaks": peak, "shapes": results}
