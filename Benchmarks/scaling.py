# SPDX-License-Identifier: Apache-2.0
"""Training speed and memory against length, batch, size and threads: tables, plots, and whether anything grows too fast.

    python3 Benchmarks/scaling.py --record

takes about three minutes on two quiet processors, `--short` a quarter of one. Each round measures every point once, in a process of
its own. It fails where something grows faster than its arithmetic:

- Length, at as many tokens in a batch: a token costs its linear maps and, for each token of its text, attention. One price for an
  operation of either explains all lengths; none takes longer than that. Peak memory stays: attention keeps nothing of the square.
- Batch, size, threads: an operation takes no longer in a larger batch or model, a step no longer with more threads.
"""
import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

import plots
import recording
from arithmetic import Shape
from turns import heading, number, ranged, table

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / ".build/release"
# Layers, columns, heads, columns of the feed-forward net.
SIZES = {"tiny": (2, 128, 2, 512), "mini": (4, 256, 4, 1024), "small": (4, 512, 8, 2048), "MiniLM": (6, 384, 12, 1536)}
LENGTHS, SHORT_LENGTHS = [64, 128, 256, 512, 1024, 2048, 4096], [64, 256, 1024]
BATCHES, SHORT_BATCHES = [1, 2, 4, 8, 16, 32, 64], [1, 8, 32]
TOKENS = 4096  # of a batch while the length grows
MOST_TIME, MOST_MEMORY, MOST_OF_FIT = 1.15, 1.25, 1.2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=str(BUILT / "attune-bench"))
    parser.add_argument("--attune", default=str(BUILT / "attune"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, help="default: 3")
    parser.add_argument("--steps", type=int, default=2, help="timed steps of 4,096 tokens of a point in a round")
    parser.add_argument("--short", action="store_true", help="fewer points, one round")
    parser.add_argument("--launcher", default="")
    parser.add_argument("--plot", help="SVG file of the plots")
    parser.add_argument("--json", help="file that gets the numbers")
    parser.add_argument("--record", action="store_true", help="keep numbers and plots for RESULTS.md")
    return parser.parse_args()


def points(options):
    """The points of each series: size, length, batch, threads."""
    lengths, batches = (SHORT_LENGTHS, SHORT_BATCHES) if options.short else (LENGTHS, BATCHES)
    sizes = ["tiny", "mini"] if options.short else SIZES
    return {
        "length": [("mini", length, TOKENS // length, options.threads) for length in lengths],
        "batch": [("mini", 128, batch, options.threads) for batch in batches],
        "size": [(size, 128, 32, options.threads) for size in sizes],
        "threads": [("mini", 128, 32, threads) for threads in range(1, options.threads + 1)],
    }


def shape(size):
    layers, width, _, wide = SIZES[size]
    return Shape(layers, width, wide)


def measure(point, options):
    size, length, batch, threads = point
    names = ("--layers", "--width", "--heads", "--feed-forward")
    # As many tokens for a small batch as for a large one.
    steps = max(options.steps, options.steps * TOKENS // (length * batch))
    output = subprocess.run(
        [*options.launcher.split(), options.bench, "train", *(
            word for name, value in zip(names, SIZES[size]) for word in (name, str(value))), "--length", str(length), "--batch",
         str(batch), "--threads", str(threads), "--steps", str(steps), "--warm-up", "1"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


class Point:
    """What the rounds found of one."""

    def __init__(self, place, found):
        self.size, self.length, self.batch, self.threads = place
        self.rates = [run["tokens_per_second"]["median"] for run in found]
        self.rate = statistics.median(self.rates)
        self.operations = shape(self.size).step(self.length)
        self.gops = self.rate * self.operations / 1e9
        self.share = statistics.median(run["share_of_peak"] for run in found)
        self.memory = max(run["peak_mib"] for run in found)

    @property
    def json(self):
        return {**vars(self)}


def show(title, series):
    print(f"### {title}\n")
    table(["model", "length", "batch", "threads", "tokens/s, median", "range", "GOP/s", "of the peak", "peak memory, MiB"], [
        [point.size, point.length, point.batch, point.threads, ranged(point.rates), number(point.gops), f"{100 * point.share:.0f} %",
         number(point.memory)] for point in series])


def prices(series):
    """Seconds of an operation of linear maps and of one of attention that explain the times of all lengths best, relatively."""
    rows = []
    for point in series:
        maps = 6 * shape(point.size).weights
        rows.append((maps * point.rate, (point.operations - maps) * point.rate))
    # Both unknown of maps * p + attention * q = 1 by least squares.
    mm, ma, aa = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    m, a = (sum(row[i] for row in rows) for i in (0, 1))
    whole = mm * aa - ma * ma
    found = ((m * aa - a * ma) / whole, (a * mm - m * ma) / whole)
    return found, [maps * found[0] + attention * found[1] for maps, attention in rows]


def growth(series, cost):
    """The most that a later point costs beside an earlier one."""
    costs = [cost(point) for point in series]
    return max((later / earlier for index, earlier in enumerate(costs) for later in costs[index + 1:]), default=1)


def judged(runs):
    """Each claim: what it says, what was found, and the most that it allows."""
    (maps, attention), explained = prices(runs["length"])
    print(f"An operation of linear maps takes {1e12 * maps:.2f} ps ({number(1 / maps / 1e9)} GOP/s), one of attention "
          f"{1e12 * attention:.2f} ps ({number(1 / attention / 1e9)} GOP/s).\n")
    memory = [point.memory for point in runs["length"]]
    claims = {
        "time of a length beside these prices": (max(1 / value for value in explained), MOST_OF_FIT),
        "memory at as many tokens, longest beside shortest texts": (memory[-1] / memory[0], MOST_MEMORY),
        "time of a token, larger beside smaller batches": (growth(runs["batch"], lambda point: 1 / point.rate), MOST_TIME),
        "time of an operation, larger beside smaller models": (growth(runs["size"], lambda point: 1 / point.gops), MOST_TIME),
        "time of a step, more beside fewer threads": (growth(runs["threads"], lambda point: 1 / point.rate), MOST_TIME),
    }
    table(["growth", "times", "allowed", ""], [
        [name, f"{found:.2f}", f"{most:g}", "" if found <= most else "too fast"] for name, (found, most) in claims.items()])
    return (maps, attention), explained, claims


def draw(path, runs, explained):
    length, batch, size, threads = (runs[name] for name in ("length", "batch", "size", "threads"))
    rates = {name: [point.rate for point in series] for name, series in runs.items()}
    by_arithmetic = [rates["length"][0] * length[0].operations / point.operations for point in length]
    ordered = sorted(size, key=lambda point: point.operations)
    plots.write(path, [
        plots.Plot("tokens/s, mini, batches of 4,096 tokens", "tokens in a text", [point.length for point in length], rates["length"], [
            ("one price for all operations", by_arithmetic),
            ("one for linear maps, one for attention", [rate * value for rate, value in zip(rates["length"], explained)])]),
        plots.Plot("peak memory in MiB, mini, batches of 4,096 tokens", "tokens in a text", [point.length for point in length],
                   [point.memory for point in length], [("as many tokens, as much memory", [length[0].memory] * len(length))]),
        plots.Plot("tokens/s, mini, texts of 128 tokens", "texts in a batch", [point.batch for point in batch], rates["batch"]),
        plots.Plot("peak memory in MiB, mini, texts of 128 tokens", "texts in a batch", [point.batch for point in batch],
                   [point.memory for point in batch]),
        plots.Plot("GOP/s, batches of 32 texts of 128 tokens", "operations a token", [point.operations for point in ordered],
                   [point.gops for point in ordered], names=[point.size for point in ordered]),
        plots.Plot("tokens/s, mini, batches of 32 texts of 128 tokens", "threads", [point.threads for point in threads],
                   rates["threads"], [("as many times as threads", [rates["threads"][0] * point.threads for point in threads])]),
    ])


def run(options):
    heading("Scaling of training, Float32", options)
    series = points(options)
    found = {point: [] for members in series.values() for point in members}
    for _ in range(options.rounds):
        for point, runs in found.items():
            runs.append(measure(point, options))
    runs = {name: [Point(point, found[point]) for point in members] for name, members in series.items()}
    titles = {"length": "Length, as many tokens in a batch", "batch": "Batch", "size": "Size", "threads": "Threads"}
    for name, members in runs.items():
        show(titles[name], members)
    (maps, attention), explained, claims = judged(runs)
    path = options.plot or (HERE / "scaling.svg" if options.record else None)
    if path:
        draw(path, runs, explained)
    if options.record:
        print("![Speed and memory against length, batch, size and threads](scaling.svg)\n")
    late = [name for name, (value, most) in claims.items() if value > most]
    return {
        "series": {name: [point.json for point in members] for name, members in runs.items()},
        "seconds_of_an_operation": {"linear maps": maps, "attention": attention}, "growth": claims,
        **({"failure": f"grows too fast: {', '.join(late)}"} if late else {})}


def main():
    options = arguments()
    options.rounds = options.rounds or (1 if options.short else 3)
    command = "python3 Benchmarks/scaling.py" + (" --short" if options.short else "")
    section = recording.measured_section(command, lambda: run(options))
    if options.record:
        recording.record("scaling", section)
    if options.json:
        recording.write(options.json, section)
    sys.exit(section.get("failure"))


main()
