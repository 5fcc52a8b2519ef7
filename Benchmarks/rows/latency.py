# SPDX-License-Identifier: Apache-2.0
"""Row 3: one short text at a time, in 8 bits."""
import os

from turns import HERE, Contestant, heading, ranged, spread, table, take_turns, verdict

ENGINES = ["onnxruntime-int8", "onnxruntime-int8-channels", "ctranslate2-int8"]


def run(options):
    options.texts, options.rounds = options.texts or 1000, options.rounds or 7
    heading("Row 3: latency of one short text, 8-bit weights", options)
    contestants = [Contestant("Attune", [
        options.bench, "latency", os.path.join(options.work, "minilm-int8"), "--precision", "int8", "--threads",
        str(options.threads), "--count", str(options.texts), "--turns"], options)]
    for engine in ENGINES:
        contestants.append(Contestant(engine, [
            options.python, os.path.join(HERE, "peer_encoder.py"), "latency", engine, options.work, "--count",
            str(options.texts), "--threads", str(options.threads)], options))
    take_turns(contestants, options.rounds)
    times = {c.name: {key: spread(c.values(key)) for key in ("p50_ms", "p99_ms")} for c in contestants}
    ours = times["Attune"]
    print(f"{contestants[0].ready['tokens']} tokens; {options.texts} times in each turn.\n")
    table(["", "p50, ms", "range", "p99, ms", "range", "Attune is faster by"], [
        [c.name, ranged(c.values("p50_ms")), ranged(c.values("p99_ms")), "" if c.name == "Attune" else " and ".join(
            f"{times[c.name][key]['median'] / ours[key]['median']:.2f}" for key in ours) + " times"] for c in contestants])
    best = min(ENGINES, key=lambda name: times[name]["p50_ms"]["median"])
    ratios = {key: times[best][key]["median"] / ours[key]["median"] for key in ours}
    return {"row": 3, "times": times, **{
        key: verdict(ratio, 1.4, f"{best} at {key[:3]}") for key, ratio in ratios.items()}}
