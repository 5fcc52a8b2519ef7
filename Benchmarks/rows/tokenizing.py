# SPDX-License-Identifier: Apache-2.0
"""Row 8: encoding of English reviews and of French, one thread and two, against the `tokenizers` package."""
import argparse
import os

from turns import HERE, Contestant, heading, number, peaks, ranged, spread, table, take_turns, verdict

from rows.profile import profile

TOKENIZERS = {"wordpiece": 15, "bytes": 5, "unigram": 5}
TEXTS = ("english", "french")
KINDS = {"megabytes_per_second": "ids", "megabytes_per_second_with_offsets": "ids and places"}


def paths(name, language, options):
    return os.path.join(options.work, "tokenizers", f"{name}.json"), os.path.join(options.work, f"{language}.jsonl")


def ours(name, language, threads, options):
    return [options.bench, "encode", *paths(name, language, options), "--threads", str(threads)]


def pair(name, language, threads, options):
    own = argparse.Namespace(**{**vars(options), "threads": threads})
    theirs = [options.python, os.path.join(HERE, "peer_tokenizer.py"), *paths(name, language, options), "--threads", str(threads)]
    return take_turns([
        Contestant("Attune", [*ours(name, language, threads, options), "--turns"], own),
        Contestant("tokenizers", theirs, own)], options.rounds)


def run(options):
    options.rounds = options.rounds or 3
    heading("Row 8: encoding texts to ids", options)
    memory = peaks(options)["copy_gb_per_second"]
    rows, results, least = [], {}, {}
    for name, wanted in TOKENIZERS.items():
        found = {"same_number_of_tokens": True}
        for language in TEXTS:
            for threads in range(1, options.threads + 1):
                contestants = pair(name, language, threads, options)
                for key, what in KINDS.items():
                    values = [contestant.values(key) for contestant in contestants]
                    mine, theirs = (spread(value) for value in values)
                    ratio = mine["median"] / theirs["median"]
                    rows.append([f"{name}, {language}", threads, what, ranged(values[0]), ranged(values[1]), f"{ratio:.1f} times"])
                    found[f"{language}, {threads}, {what}"] = {"attune": mine, "tokenizers": theirs, "times": ratio}
                counts = {contestant.results[-1]["tokens"] for contestant in contestants}
                found["same_number_of_tokens"] &= len(counts) == 1
        results[name] = found
        least[name] = min(value["times"] for key, value in found.items() if key.endswith(" ids"))
    table(["tokenizer, texts", "threads", "what", "Attune, MB/s", "range", "tokenizers, MB/s", "range", "Attune is faster by"], rows)
    fastest = max(value["attune"]["median"] for found in results.values() for value in found.values() if isinstance(value, dict))
    print(f"Encoding multiplies nothing; its roofline is memory, which is copied at {number(memory)} GB/s: the fastest row reads its "
          f"texts at {fastest / memory / 10:.2g} % of that. The rest are searches in tables that fit the caches.\n")
    for name, wanted in TOKENIZERS.items():
        results[name] |= verdict(least[name], wanted, f"as fast as tokenizers where it is least so, {name}")
    different = [name for name, found in results.items() if not found["same_number_of_tokens"]]
    result = {"row": 8, "tokenizers": results}
    if options.profile:
        result["profile"] = {}
        for name in TOKENIZERS:
            print(f"### {name}, English, one thread\n")
            result["profile"][name] = profile([*ours(name, "english", 1, options), "--rounds", "5"], options)
    if different:
        result["failure"] = f"other numbers of tokens than tokenizers: {', '.join(different)}"
    return result
