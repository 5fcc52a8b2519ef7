# SPDX-License-Identifier: Apache-2.0
"""Rows 1 and 2: vectors of reviews of many lengths, from text to vector."""
import os
import sys

from turns import HERE, Contestant, heading, number, peaks, ranged, spread, table, take_turns, verdict

from rows.profile import profile

PLANS = {
    1: ("Embeddings, Float32", "float32", ["sentence-transformers", "onnxruntime", "ctranslate2"], 0.99999, 1.25),
    2: ("Embeddings, 8-bit weights", "int8",
        ["onnxruntime-int8", "onnxruntime-int8-channels", "ctranslate2-int8"], 0.995, 1.8),
}
PEER_COSINE = 0.99  # of peers that count


def ours(options, precision, *more):
    return [options.bench, "embed", os.path.join(options.work, "minilm" if precision == "float32" else "minilm-int8"),
            os.path.join(options.work, "texts.jsonl"),
            "--precision", precision, "--count", str(options.texts), "--threads", str(options.threads), *more]


def cosines(options, path):
    import numpy

    found = numpy.load(path)
    reference = numpy.load(os.path.join(options.work, "reference.npy"))[:len(found)]
    return (found * reference).sum(1) / numpy.linalg.norm(found, axis=1)


def run(options):
    title, precision, engines, least_cosine, wanted = PLANS[options.row]
    options.texts, options.rounds = options.texts or 500, options.rounds or 5
    heading(f"Row {options.row}: {title}", options)
    vectors = {name: os.path.join(options.work, f"vectors-{name}.npy") for name in ["Attune", *engines]}
    contestants = [Contestant("Attune", ours(options, precision, "--turns", "--vectors", vectors["Attune"]), options)]
    for engine in engines:
        contestants.append(Contestant(engine, [
            options.python, os.path.join(HERE, "peer_encoder.py"), "embed", engine, options.work, "--texts",
            os.path.join(options.work, "texts.jsonl"), "--count", str(options.texts), "--threads", str(options.threads),
            "--vectors", vectors[engine]], options))
    facts = contestants[0].ready
    peak = peaks(options)[f"{precision}_gops"] * 1e9
    take_turns(contestants, options.rounds)
    rates = {contestant.name: contestant.values("texts_per_second") for contestant in contestants}
    quality = {name: cosines(options, path) for name, path in vectors.items()}
    medians = {name: spread(values)["median"] for name, values in rates.items()}
    work = facts["operations"] / facts["texts"]
    print(f"{facts['texts']:,} texts of {facts['tokens'] / facts['texts']:.0f} tokens on average; {work / 1e9:.2f} "
          f"billion operations a text; peak {number(peak / 1e9)} GOP/s.\n")
    table(["", "texts/s, median", "range", "Attune is faster by", "share of the peak", "cosine to PyTorch, mean", "least",
           "peak memory, MiB"], [
        [contestant.name, ranged(rates[contestant.name]),
         "" if contestant.name == "Attune" else f"{medians['Attune'] / medians[contestant.name]:.2f} times",
         f"{medians[contestant.name] * work / peak * 100:.0f} %", f"{quality[contestant.name].mean():.6f}",
         f"{quality[contestant.name].min():.6f}", number(contestant.peak)] for contestant in contestants])
    best = max((name for name in engines if quality[name].mean() >= PEER_COSINE), key=medians.get)
    result = {"row": options.row, **verdict(medians["Attune"] / medians[best], wanted, best), "texts_per_second": {
        name: spread(values) for name, values in rates.items()}, "peak_gops": peak / 1e9, "operations_per_text": work,
        "cosine": {name: float(values.mean()) for name, values in quality.items()}}
    if options.profile:
        result["profile"] = profile(ours(options, precision, "--rounds", "5"), options)
    if quality["Attune"].mean() < least_cosine:
        sys.exit(f"cosine {quality['Attune'].mean():.6f}, expected at least {least_cosine}")
    return result
