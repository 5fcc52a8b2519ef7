# SPDX-License-Identifier: Apache-2.0
"""Row 11: masked-token training steps on texts of one length, the optimizer's step included."""
import os

from turns import HERE, Contestant, heading, number, ranged, spread, table, take_turns, verdict

# Layers, columns, heads, columns of the feed-forward net, entries of the vocabulary.
SHAPES = {"tiny": (2, 128, 2, 512, 8000), "mini": (4, 256, 4, 1024, 16000), "small": (4, 512, 8, 2048, 16000)}
BATCH, LENGTH = 32, 128
STEPS = {"tiny": 20, "mini": 6, "small": 3}  # of a turn: about two seconds
SPARSE, DENSE = "PyTorch, sparse loss", "transformers, BertForMaskedLM"


def contestants_of(shape, options):
    names = ("--layers", "--width", "--heads", "--feed-forward", "--vocabulary")
    sizes = [word for name, value in zip(names, SHAPES[shape]) for word in (name, str(value))]
    common = [*sizes, "--threads", str(options.threads), "--batch", str(BATCH), "--length", str(LENGTH), "--steps",
              str(STEPS[shape]), "--turns"]

    def ours(precision):
        return [options.bench, "masked", *common, "--precision", precision]

    def theirs(*more):
        return [options.python, os.path.join(HERE, "train_masked.py"), *common, *more]

    made = {"Attune": ours("float32"), SPARSE: theirs("--loss", "sparse"), DENSE: theirs("--loss", "dense")}
    made |= {f"Attune, {name}": ours(name) for name in ("bfloat16", "int16")}
    made |= {f"{name}, bf16": theirs("--loss", loss, "--precision", "bfloat16") for name, loss in (
        (SPARSE, "sparse"), (DENSE, "dense"))}
    return [Contestant(name, command, options) for name, command in made.items()]


def run(options):
    options.rounds = options.rounds or 3
    heading(f"Row {options.row}: masked-token training, batches of {BATCH} texts of {LENGTH} tokens, 15 % hidden", options)
    results = {}
    for shape in SHAPES:
        contestants = take_turns(contestants_of(shape, options), options.rounds)
        rates = {c.name: [value["median"] for value in c.values("tokens_per_second")] for c in contestants}
        medians = {name: spread(values)["median"] for name, values in rates.items()}
        layers, width, _, _, vocabulary = SHAPES[shape]
        print(f"### {shape}: {layers} layers of {width}, {vocabulary:,} tokens\n")
        table(["", "tokens/s, median", "range", "Attune's Float32 is faster by", "peak memory, MiB"], [
            [c.name, ranged(rates[c.name]), f"{medians['Attune'] / medians[c.name]:.2f} times", number(c.peak)]
            for c in contestants])
        narrow = max(("Attune, bfloat16", "Attune, int16"), key=medians.get)
        results[shape] = {
            "sparse": verdict(medians["Attune"] / medians[SPARSE], 1.5, SPARSE),
            "dense": verdict(medians["Attune"] / medians[DENSE], 2, DENSE),
            "narrow_sparse": verdict(medians[narrow] / medians[f"{SPARSE}, bf16"], 1.5, f"{SPARSE}, bf16"),
            "narrow_dense": verdict(medians[narrow] / medians[f"{DENSE}, bf16"], 2, f"{DENSE}, bf16"),
            "tokens_per_second": {name: spread(values) for name, values in rates.items()}}
    return {"row": options.row, "shapes": results}
