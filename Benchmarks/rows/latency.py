# SPDX-License-Identifier: Apache-2.0
"""Row 3: one short text at a time, in 8 bits."""
import argparse
import os

from arithmetic import Shape
from turns import HERE, Contestant, heading, number, peaks, ranged, share, spread, table, take_turns, verdict

from rows.profile import profile

ENGINES = ["onnxruntime-int8", "onnxruntime-int8-channels", "ctranslate2-int8"]


def peers(options):
    """Each by its name, with all threads and with one: so little work may not be worth sharing."""
    counts = sorted({options.threads, 1}, reverse=True)
    return {engine if count == options.threads else f"{engine}, one thread": (engine, count) for engine in ENGINES for count in counts}


def ours(options, *more):
    return [options.bench, "latency", os.path.join(options.work, "minilm-int8"), "--precision", "int8", "--threads",
            str(options.threads), "--count", str(options.texts), *more]


def run(options):
    options.texts, options.rounds = options.texts or 1000, options.rounds or 7
    heading("Row 3: latency of one short text, 8-bit weights", options)
    contestants = [Contestant("Attune", ours(options, "--turns"), options)]
    others = peers(options)
    for name, (engine, threads) in others.items():
        contestants.append(Contestant(name, [
            options.python, os.path.join(HERE, "peer_encoder.py"), "latency", engine, options.work, "--count",
            str(options.texts), "--threads", str(threads)], argparse.Namespace(**{**vars(options), "threads": threads})))
    peak = peaks(options)
    take_turns(contestants, options.rounds)
    times = {c.name: {key: spread(c.values(key)) for key in ("p50_ms", "p99_ms")} for c in contestants}
    mine, tokens = times["Attune"], contestants[0].ready["tokens"]
    shape = Shape.of(os.path.join(options.work, "minilm"))
    work, weights = shape.text(tokens), shape.weights
    print(f"{tokens} tokens, {work / 1e6:.0f} million operations; {options.texts} times in each turn.\n")
    table(["", "p50, ms", "range", "p99, ms", "range", "Attune is faster by", "share of the peak at p50"], [
        [c.name, ranged(c.values("p50_ms")), ranged(c.values("p99_ms")), "" if c.name == "Attune" else " and ".join(
            f"{times[c.name][key]['median'] / mine[key]['median']:.2f}" for key in mine) + " times",
         share(work / times[c.name]["p50_ms"]["median"] * 1e3, peak["int8_gops"])] for c in contestants])
    print(f"Each text passes {weights / 1e6:.1f} MB of weights: {weights / mine['p50_ms']['median'] / 1e6:.1f} GB/s at Attune's p50; "
          f"memory beyond the caches is copied at {number(peak['copy_gb_per_second'])} GB/s.\n")
    best = min(others, key=lambda name: times[name]["p50_ms"]["median"])
    ratios = {key: times[best][key]["median"] / mine[key]["median"] for key in mine}
    result = {"row": 3, "times": times, "peaks": peak, "operations_per_text": work, **{
        key: verdict(ratio, 1.4, f"{best} at {key[:3]}") for key, ratio in ratios.items()}}
    if options.profile:
        result["profile"] = profile(ours(options, "--rounds", "8"), options)
    return result
