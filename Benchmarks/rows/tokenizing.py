# SPDX-License-Identifier: Apache-2.0
"""Row 8: encoding of English reviews and of French, one thread and two, against the `tokenizers` package."""
import os

from turns import HERE, Contestant, heading, ranged, spread, table, take_turns, verdict

TOKENIZERS = {"wordpiece": 15, "bytes": 5, "unigram": 5}
TEXTS = ("english", "french")


def run(options):
    options.rounds = options.rounds or 3
    heading("Row 8: encoding texts to ids", options)
    rows, results = [], {}
    for name, wanted in TOKENIZERS.items():
        path = os.path.join(options.work, "tokenizers", f"{name}.json")
        for language in TEXTS:
            texts = os.path.join(options.work, f"{language}.jsonl")
            for threads in range(1, options.threads + 1):
                options_of_pair = type(options)(**{**vars(options), "threads": threads})
                pair = take_turns([
                    Contestant("Attune", [
                        options.bench, "encode", path, texts, "--threads", str(threads), "--turns"], options_of_pair),
                    Contestant("tokenizers", [
                        options.python, os.path.join(HERE, "peer_tokenizer.py"), path, texts, "--threads", str(threads)],
                        options_of_pair)], options.rounds)
                for key, what in [("megabytes_per_second", "ids"), ("megabytes_per_second_with_offsets", "ids and places")]:
                    values = [contestant.values(key) for contestant in pair]
                    ratio = spread(values[0])["median"] / spread(values[1])["median"]
                    rows.append([f"{name}, {language}", threads, what, ranged(values[0]), ranged(values[1]), f"{ratio:.1f} times"])
                    if what == "ids":
                        results.setdefault(name, {})[f"{language}, {threads}"] = ratio
                        results[name]["same"] = results[name].get("same", True) and (
                            pair[0].results[-1]["tokens"] == pair[1].results[-1]["tokens"])
    table(["tokenizer, texts", "threads", "what", "Attune, MB/s", "range", "tokenizers, MB/s", "range", "Attune is faster by"], rows)
    for name, wanted in TOKENIZERS.items():
        least = min(value for key, value in results[name].items() if key != "same")
        results[name] |= verdict(least, wanted, f"as fast at least, {name}")
        if not results[name]["same"]:
            print(f"{name}: the numbers of tokens differ!")
    return {"row": 8, "tokenizers": results}
