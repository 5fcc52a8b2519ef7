# SPDX-License-Identifier: Apache-2.0
"""Runs Attune and PyTorch in turns on this machine and prints a table of medians, ranges and ratios.

Each round runs every contestant once, so that whatever else the machine does meets all of them.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", default=str(HERE.parent / ".build/release/attune-bench"))
    parser.add_argument("--python", default=sys.executable, help="a Python with torch and transformers")
    parser.add_argument("--texts", help="CSV of texts and labels for the epoch; without it only equal lengths are run")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20, help="timed steps of equal lengths in a round")
    parser.add_argument("--epoch-steps", type=int, default=300, help="timed steps of the epoch in a round; 0: all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--skip-compiled", action="store_true")
    return parser.parse_args()


def run(command, launcher):
    """Returns the last line of a program as JSON."""
    result = subprocess.run(launcher.split() + command, check=True, capture_output=True, text=True)
    return json.loads(result.stdout.strip().splitlines()[-1])


def rate(result):
    value = result["tokens_per_second"]
    return value["median"] if isinstance(value, dict) else value


def compare(title, contestants, options):
    """Runs the contestants in turns; the first one is ours."""
    results = {name: [] for name, _ in contestants}
    for _ in range(options.rounds):
        for name, command in contestants:
            results[name].append(run(command, options.launcher))
    medians = {name: statistics.median(map(rate, runs)) for name, runs in results.items()}
    ours = contestants[0][0]
    print(f"\n### {title}\n")
    print("| | tokens/s, median | range | Attune is faster by | peak memory, MiB |")
    print("| --- | --: | --: | --: | --: |")
    for name, runs in results.items():
        rates = [rate(result) for result in runs]
        ratio = "" if name == ours else f"{medians[ours] / medians[name]:.2f} times"
        peak = max(result["peak_mib"] for result in runs)
        print(f"| {name} | {medians[name]:,.0f} | {min(rates):,.0f} to {max(rates):,.0f} | {ratio} | {peak:,.0f} |",
              flush=True)
    return results


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} processors"


def main():
    options = arguments()
    threads = ["--threads", str(options.threads)]
    python = [options.python]
    print(f"{datetime.date.today()}; {machine()}; {platform.system()} {platform.release()}; load {os.getloadavg()[0]:.1f} "
          f"before the run; launcher: {options.launcher or 'none'}; {options.rounds} rounds in turns")
    steps = threads + ["--steps", str(options.steps)]
    contestants = [("Attune", [options.bench, "train", *steps])]
    for mode in ["eager"] + ([] if options.skip_compiled else ["compiled"]):
        contestants.append(
            (f"PyTorch, {mode}", [*python, str(HERE / "train_encoder.py"), "--mode", mode, *steps]))
    results = compare("Equal lengths: 128 tokens, batch 32", contestants, options)
    versions = results["PyTorch, eager"][0]["versions"]
    if options.texts:
        tokens = HERE / ".tokens.txt"
        with open(tokens, "w", encoding="utf-8") as output:
            subprocess.run([options.bench, "tokenize", options.texts], check=True, stdout=output)
        steps = threads + ["--steps", str(options.epoch_steps)]
        contestants = [("Attune, shuffled", [options.bench, "epoch", options.texts, *steps])]
        for batching in ["shuffled", "grouped"]:
            contestants.append((
                f"PyTorch, {'padded to the longest' if batching == 'shuffled' else 'grouped by length'}",
                [*python, str(HERE / "train_epoch.py"), str(tokens), "--batching", batching, *steps]))
        compare(f"Texts of many lengths: {options.epoch_steps or 'all'} steps of an epoch, batch 32", contestants, options)
        tokens.unlink()
    profile = run([options.bench, "train", "--profile", *threads, "--steps", str(options.steps)], options.launcher)["profile"]
    products = run([options.bench, "gemm", *threads], options.launcher)
    print("\n### Where a step of equal lengths goes\n")
    print("| part | share |\n| --- | --: |")
    for name in ("products", "attention", "optimizer", "rest"):
        print(f"| {name} | {profile[name]['share'] * 100:.0f} % |")
    print(f"\nMatrix products of a layer: {products['attune_gflops']:.0f} GFLOP/s, OpenBLAS itself "
          f"{products['openblas_gflops']:.0f} GFLOP/s ({products['ratio']:.2f} times).")
    print(f"\nVersions: {', '.join(f'{name} {value}' for name, value in versions.items())}, Python {platform.python_version()}.")


main()
