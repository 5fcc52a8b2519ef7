# SPDX-License-Identifier: Apache-2.0
"""Rows 1 and 2: vectors of reviews of many lengths, from text to vector."""
import os

from turns import HERE, Contestant, apart, heading, number, peaks, ranged, share, spread, table, take_turns, verdict

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


def cosines(work, path):
    """The mean and the least to PyTorch's vectors."""
    import numpy

    found = numpy.load(path)
    reference = numpy.load(os.path.join(work, "reference.npy"))[:len(found)]
    values = (found * reference).sum(1) / numpy.linalg.norm(found, axis=1)
    return {"mean": float(values.mean()), "least": float(values.min())}


def peers(options, engines):
    """Each by its name: all threads on one batch, and where it can, a batch on each."""
    found = {}
    for engine in engines:
        found[engine] = (engine, 1)
        if options.threads > 1 and engine != "sentence-transformers":
            found[f"{engine}, a batch a thread"] = (engine, options.threads)
    return found


def run(options):
    title, precision, engines, least_cosine, wanted = PLANS[options.row]
    options.texts, options.rounds = options.texts or 500, options.rounds or 5
    heading(f"Row {options.row}: {title}", options)
    others = peers(options, engines)
    vectors = {name: os.path.join(options.work, f"vectors-{index}.npy") for index, name in enumerate(["Attune", *others])}
    contestants = [Contestant("Attune", ours(options, precision, "--turns", "--vectors", vectors["Attune"]), options)]
    for name, (engine, parallel) in others.items():
        contestants.append(Contestant(name, [
            options.python, os.path.join(HERE, "peer_encoder.py"), "embed", engine, options.work, "--texts",
            os.path.join(options.work, "texts.jsonl"), "--count", str(options.texts), "--threads", str(options.threads),
            "--parallel", str(parallel), "--vectors", vectors[name]], options))
    facts = contestants[0].ready
    peak = peaks(options)[f"{precision}_gops"]
    take_turns(contestants, options.rounds)
    rates = {contestant.name: contestant.values("texts_per_second") for contestant in contestants}
    quality = {name: apart(cosines, options.work, path) for name, path in vectors.items()}
    medians = {name: spread(values)["median"] for name, values in rates.items()}
    work = facts["operations"] / facts["texts"]
    print(f"{facts['texts']:,} texts of {facts['tokens'] / facts['texts']:.0f} tokens on average; {work / 1e9:.2f} "
          f"billion operations a text; peak {number(peak)} GOP/s.\n")
    table(["", "texts/s, median", "range", "Attune is faster by", "share of the peak", "cosine to PyTorch, mean", "least",
           "peak memory, MiB"], [
        [contestant.name, ranged(rates[contestant.name]),
         "" if contestant.name == "Attune" else f"{medians['Attune'] / medians[contestant.name]:.2f} times",
         share(medians[contestant.name] * work, peak), f"{quality[contestant.name]['mean']:.6f}",
         f"{quality[contestant.name]['least']:.6f}", number(contestant.peak)] for contestant in contestants])
    best = max((name for name in others if quality[name]["mean"] >= PEER_COSINE), key=medians.get)
    result = {"row": options.row, **verdict(medians["Attune"] / medians[best], wanted, best), "texts_per_second": {
        name: spread(values) for name, values in rates.items()}, "peak_gops": peak, "operations_per_text": work,
        "cosine": quality}
    if options.profile:
        result["profile"] = profile(ours(options, precision, "--rounds", "5"), options)
    if quality["Attune"]["mean"] < least_cosine:
        result["failure"] = f"cosine {quality['Attune']['mean']:.6f}, expected at least {least_cosine}"
    return result
