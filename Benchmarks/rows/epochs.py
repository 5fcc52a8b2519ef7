# SPDX-License-Identifier: Apache-2.0
"""Row 7: fine-tuning on short texts, from the file to the last step, tokenisation included.

So many steps of an epoch are made; the epoch's time is told from theirs and from what else there was: reading, tokenisation,
validation on a few texts, saving. Batches grouped by length begin anew with the longest every 50 steps.
"""
import json
import math
import os
import tempfile

from arithmetic import Shape, token_lengths
from turns import HERE, apart, heading, measured, number, peaks, ranged, share, spread, table, verdict

from rows.prepare import read
from rows.profile import profile

BATCH = 32
LONGEST = 256  # tokens of a text, as both sides cut them
PLANS = [("mini", "float32"), ("minilm", "float32"), ("mini", "bfloat16"), ("minilm", "bfloat16")]


def attune(folder, precision, options, target):
    return [options.attune, "train", "classifier", os.path.join(options.work, "phrases.csv.gz"), "--validation",
            os.path.join(options.work, "short.csv"), "--from", os.path.join(options.work, folder), "--output", target,
            "--overwrite", "--batch-size", str(BATCH), "--threads", str(options.threads), "--quiet", "--json",
            *(["--precision", precision] if precision != "float32" else [])]


def trainer(folder, batching, precision, options):
    return [options.python, os.path.join(HERE, "finetune.py"), os.path.join(options.work, "phrases.csv.gz"), "--validation",
            os.path.join(options.work, "short.csv"), "--from", os.path.join(options.work, folder), "--batching", batching,
            "--batch-size", str(BATCH), "--threads", str(options.threads), "--precision", precision]


def shorten(options):
    """A few texts to validate with: the row is about training."""
    with open(os.path.join(options.work, "validation.csv"), encoding="utf-8") as source:
        lines = source.readlines()[:33]
    with open(os.path.join(options.work, "short.csv"), "w", encoding="utf-8") as target:
        target.writelines(lines)


def lengths_of_phrases(work):
    texts = [text for text, _ in read(os.path.join(work, "phrases.csv.gz"))]
    return token_lengths(os.path.join(work, "minilm", "tokenizer.json"), texts, LONGEST)


def epoch(command, steps, epoch_steps, options):
    """Seconds of an epoch, told from a run of some steps: what is not in the steps is there once."""
    output, seconds, peak = measured([*command, "--max-steps", str(steps)], options)
    # Attune's document has many lines; the Trainer prints more than the last one.
    found = json.loads(output if output.startswith("{\n") else output.strip().splitlines()[-1])
    made = found["cost"]["step_seconds"] if "cost" in found else found["training_seconds"]
    before = seconds - made
    return {"step": made / steps, "before": before, "epoch": before + made / steps * epoch_steps, "peak": peak}


def run(options):
    options.rounds = options.rounds or 2
    heading("Row 7: an epoch of short texts, file to last step", options)
    peak = peaks(options)
    options.narrow = max(("bfloat16", "int16"), key=lambda kind: peak[f"{kind}_gops"])
    steps = options.texts or 50
    shorten(options)
    lengths = apart(lengths_of_phrases, options.work)
    epoch_steps = math.ceil(len(lengths) / BATCH)
    print(f"{len(lengths):,} texts of {sum(lengths) / len(lengths):.1f} tokens on average, {epoch_steps:,} steps of {BATCH}; {steps} are "
          "timed.\n")
    results = {}
    for folder, precision in (plan for plan in PLANS if not options.shapes or plan[0] in options.shapes):
        work = 3 * Shape.of(os.path.join(options.work, folder)).texts(lengths)
        print(f"### {folder}, {precision}: {work / 1e12:.1f} trillion operations an epoch\n")
        with tempfile.TemporaryDirectory() as target:
            # Where bfloat16 is not faster than Float32, int16 of 13 bits is: what a user would choose.
            own = options.narrow if precision == "bfloat16" else precision
            commands = {f"Attune, {own}": attune(folder, own, options, os.path.join(target, "run"))}
            commands["Trainer as it comes"] = trainer(folder, "random", precision, options)
            commands["grouped by length"] = trainer(folder, "group_by_length", precision, options)
            found = {name: [] for name in commands}
            for _ in range(options.rounds):
                for name, command in commands.items():
                    found[name].append(epoch(command, steps, epoch_steps, options))
            traced = profile([*commands[f"Attune, {own}"], "--max-steps", str(steps)], options) if options.profile else None
        seconds = {name: [one["epoch"] for one in runs] for name, runs in found.items()}
        medians = {name: spread(values)["median"] for name, values in seconds.items()}
        ours = min((name for name in medians if name.startswith("Attune")), key=medians.get)
        columns = ["", "seconds of the epoch", "range", f"{ours} is faster by", "outside the steps, s", "a step, ms",
                   "share of the peak in the epoch", "peak memory, MiB"]
        table(columns, [
            [name, ranged(seconds[name]), "" if name.startswith("Attune") else f"{medians[name] / medians[ours]:.2f} times",
             number(spread([one["before"] for one in runs])["median"]),
             number(spread([one["step"] * 1e3 for one in runs])["median"]),
             share(work / medians[name], peak[f"{own if name == ours else precision}_gops"]),
             number(max(one["peak"] for one in runs))] for name, runs in found.items()])
        results[f"{folder}, {precision}"] = {
            name: verdict(medians[name] / medians[ours], wanted, f"as fast as '{name}'")
            for name, wanted in [("Trainer as it comes", 3), ("grouped by length", 1.5)]} | {
            "seconds": {name: spread(values) for name, values in seconds.items()}, "operations": work, "profile": traced}
    return {"row": 7, "peaks": peak, "epochs": results}
