# SPDX-License-Identifier: Apache-2.0
"""Training speed and memory against length, batch, size and threads: a table, and a plot beside it.

    python3 Benchmarks/scaling.py --plot scaling.svg

The time of an operation must stay the same whatever grows: a token's time may grow with the length only as its arithmetic does.
Memory of attention grows with the length, not its square: at as many tokens in a batch, peak memory stays.
"""
import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

from turns import machine, number, table

HERE = Path(__file__).resolve().parent
SIZES = {"tiny": (2, 128, 2, 512), "mini": (4, 256, 4, 1024), "small": (4, 512, 8, 2048), "MiniLM": (6, 384, 12, 1536)}
LENGTHS = [64, 128, 256, 512, 1024, 2048, 4096]
TOKENS = 4096  # of a batch


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=str(HERE.parent / ".build/release/attune-bench"))
    parser.add_argument("--plot", help="SVG file of tokens/s against length")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--launcher", default="")
    parser.add_argument("--json")
    return parser.parse_args()


def operations(size, length):
    """Of one token of a step."""
    layers, width, _, wide = SIZES[size]
    return 3 * layers * (2 * (4 * width * width + 2 * width * wide) + 4 * length * width)


def measure(options, size, length, batch, threads):
    layers, width, heads, wide = SIZES[size]
    output = subprocess.run(options.launcher.split() + [
        options.bench, "train", "--layers", str(layers), "--width", str(width), "--heads", str(heads), "--feed-forward", str(wide),
        "--length", str(length), "--batch", str(batch), "--threads", str(threads), "--steps", str(options.steps), "--warm-up", "1"],
        check=True, capture_output=True, text=True).stdout
    found = json.loads(output.strip().splitlines()[-1])
    rate = found["tokens_per_second"]["median"]
    return {"size": size, "length": length, "batch": batch, "threads": threads, "tokens_per_second": rate,
            "gflops": rate * operations(size, length) / 1e9, "peak_mib": found["peak_mib"]}


def show(title, runs):
    print(f"### {title}\n")
    table(["model", "length", "batch", "threads", "tokens/s", "GFLOP/s", "peak memory, MiB"], [
        [run["size"], run["length"], run["batch"], run["threads"], number(run["tokens_per_second"]), number(run["gflops"]),
         number(run["peak_mib"])] for run in runs])


def plot(path, runs):
    """Tokens/s against length, both logarithmic, and what the arithmetic would give from the first point on."""
    width, height, margin = 640, 400, 60
    lengths = [run["length"] for run in runs]
    rates = [run["tokens_per_second"] for run in runs]
    top = runs[0]["gflops"] * 1e9
    expected = [top / operations(run["size"], run["length"]) for run in runs]
    low, high = min(rates + expected) * 0.8, max(rates + expected) * 1.25

    def place(length, rate):
        across = math.log(length / lengths[0]) / math.log(lengths[-1] / lengths[0])
        up = math.log(rate / low) / math.log(high / low)
        return f"{margin + across * (width - 2 * margin):.1f},{height - margin - up * (height - 2 * margin):.1f}"

    def text(point, word, anchor="middle"):
        x, y = point.split(",")
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{word}</text>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<path d="M{margin},{margin} V{height - margin} H{width - margin}" fill="none" stroke="gray"/>',
             f'<text x="{width / 2}" y="24" text-anchor="middle">Training, {runs[0]["size"]}: tokens a second against length '
             f'(batches of {TOKENS} tokens)</text>']
    for values, color, dash, name in [(expected, "gray", "5 4", "by arithmetic"), (rates, "#0057b8", "", "measured")]:
        points = [place(length, rate) for length, rate in zip(lengths, values)]
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dash}"/>')
        x, y = points[0].split(",")
        parts.append(text(f"{float(x) + 6},{float(y) + (18 if dash else -8)}", name, "start"))
    for run in runs:
        x, y = place(run["length"], run["tokens_per_second"]).split(",")
        parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="#0057b8"/>')
        parts.append(text(f"{x},{float(y) - 9 if run is not runs[0] else float(y) - 22}", number(run["tokens_per_second"])))
        parts.append(text(f"{x},{height - margin + 18}", run["length"]))
    parts.append(text(f"{width / 2},{height - 16}", "tokens in a text"))
    Path(path).write_text("\n".join(parts + ["</svg>", ""]), encoding="utf-8")


def main():
    options = arguments()
    print(f"## Scaling of training, Float32\n\n{machine()}; {options.threads} threads; {options.steps} steps each, median.\n")
    runs = {
        "Length, as many tokens in a batch": [
            measure(options, "mini", length, TOKENS // length, options.threads) for length in LENGTHS],
        "Batch, texts of 128 tokens": [measure(options, "mini", 128, batch, options.threads) for batch in (1, 4, 16, 64)],
        "Size": [measure(options, size, 128, 32, options.threads) for size in SIZES],
        "Threads": [measure(options, "mini", 128, 32, threads) for threads in range(1, options.threads + 1)],
    }
    for title, found in runs.items():
        show(title, found)
    lengths = runs["Length, as many tokens in a batch"]
    slowest = max(lengths[0]["gflops"] / run["gflops"] for run in lengths)
    memory = lengths[-1]["peak_mib"] / lengths[0]["peak_mib"]
    print(f"From {LENGTHS[0]} to {LENGTHS[-1]} tokens the arithmetic of a token grows "
          f"{operations('mini', LENGTHS[-1]) / operations('mini', LENGTHS[0]):.2f} times, its time "
          f"{lengths[0]['tokens_per_second'] / lengths[-1]['tokens_per_second']:.2f} times (an operation's time at most "
          f"{slowest:.2f} times); peak memory at as many tokens {memory:.2f} times.")
    if options.plot:
        plot(options.plot, lengths)
    if options.json:
        Path(options.json).write_text(json.dumps(runs, indent=1), encoding="utf-8")
    if memory > 1.5:
        sys.exit("memory grows faster than the number of tokens")


main()
