# SPDX-License-Identifier: Apache-2.0
"""Compares how fast translators write: Attune, CTranslate2 and transformers' generate, with the same weights, in turns.

    python3 Benchmarks/decode.py --model models/en-fr --pairs test.tsv

The model is a folder that MarianMTModel opens; ct2-transformers-converter converts it. Each contestant translates the same texts in
a process of its own, once each a round, in Float32; loading the model is not in the times. Peers run in several settings of threads, of
which the best counts: one batch on all of them, a batch on each (CTranslate2), or one thread alone (transformers, whose small products
lose by sharing). All search with length penalty 1 and stop when as many translations are finished as the beam is wide. Attune's times
hold the cutting into tokens and the joining of them and begin with the first text, those of the peers hold neither and begin after a few
texts that are not timed. A setting of a peer that has less than half the speed of its best one on a few texts has no turn. Tokens are
those that each contestant wrote; where outputs differ, look at the shares of equal ones before the rates.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import recording
from turns import heading, number, ranged, run_turns, spread, table, verdict

HERE = Path(__file__).resolve().parent
WANTED = 1.5
# Texts on which the settings of a peer are tried, and batches of them.
TRIED, TRIED_BATCHES = 64, 4


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", default=str(HERE.parent / ".build/release/attune"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", required=True, help="TSV of texts and their translations")
    parser.add_argument("--count", type=int, default=4000, help="fewer end so soon that beginning counts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batches", default="1,32,64")
    parser.add_argument("--beams", default="1,5")
    parser.add_argument("--longest", type=int, default=256, help="most tokens of a translation")
    parser.add_argument("--peers", default="ctranslate2,transformers")
    parser.add_argument("--launcher", default="", help="put before every command, such as 'nice -n -15'")
    parser.add_argument("--record", action="store_true", help="keep the results for RESULTS.md")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--converted", help=argparse.SUPPRESS)
    parser.add_argument("--parallel", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


def read(path, count):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for _, line in zip(range(count), file)]


def ctranslate2_run(options, texts):
    import ctranslate2
    from sentencepiece import SentencePieceProcessor

    # What a program with this library needs; the tokenizers of transformers would be in its memory.
    source, target = (SentencePieceProcessor(model_file=f"{options.model}/{side}.spm") for side in ("source", "target"))
    translator = ctranslate2.Translator(
        options.converted, device="cpu", compute_type="float32", inter_threads=options.parallel,
        intra_threads=max(1, options.threads // options.parallel))
    tokens = [[*source.encode(text, out_type=str), "</s>"] for text in texts]
    batch, beam = int(options.batches), int(options.beams)

    def run(rows):
        return translator.translate_batch(
            rows, beam_size=beam, max_batch_size=batch, batch_type="examples", length_penalty=1.0,
            max_decoding_length=options.longest)

    run(tokens[:2 * batch][:8])
    start = time.perf_counter()
    found = run(tokens)
    seconds = time.perf_counter() - start
    written = [result.hypotheses[0] for result in found]
    return written, seconds, target.decode


def transformers_run(options, texts):
    import torch
    from transformers import MarianMTModel, MarianTokenizer

    tokenizer = MarianTokenizer.from_pretrained(options.model)
    torch.set_num_threads(options.threads)
    model = MarianMTModel.from_pretrained(options.model, dtype=torch.float32).eval()
    batch, beam = int(options.batches), int(options.beams)
    encoded = [tokenizer(text).input_ids for text in texts]
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
    model.generation_config.forced_eos_token_id = None
    end, padding = model.config.eos_token_id, model.config.pad_token_id

    def run(members):
        result = {}
        for first in range(0, len(members), batch):
            part = members[first:first + batch]
            inputs = tokenizer.pad({"input_ids": [encoded[index] for index in part]}, return_tensors="pt")
            with torch.inference_mode():
                found = model.generate(
                    **inputs, num_beams=beam, do_sample=False, length_penalty=1.0, early_stopping=beam > 1,
                    max_length=None, max_new_tokens=options.longest, min_new_tokens=1)
            for index, row in zip(part, found.tolist()):
                row = row[1:]
                ended = min([row.index(token) for token in (end, padding) if token in row] + [len(row)])
                result[index] = row[:ended]
        return result

    run(order[:2])
    start = time.perf_counter()
    found = run(order)
    seconds = time.perf_counter() - start
    return [found[index] for index in range(len(texts))], seconds, lambda row: tokenizer.decode(row, skip_special_tokens=True)


def peer(options):
    """Runs in a process of its own: translates, prints times, tokens and texts."""
    texts = [row[0] for row in read(options.pairs, options.count)]
    written, seconds, decode = {"ctranslate2": ctranslate2_run, "transformers": transformers_run}[options.peer](options, texts)
    print(json.dumps({
        "seconds": seconds, "tokens": sum(len(row) for row in written),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "texts": [decode(row) for row in written]}))


def run_peer(options, name, batch, beam, pairs, converted, threads, parallel, count):
    command = [
        *options.launcher.split(), sys.executable, __file__, "--peer", name, "--model", options.model, "--pairs", pairs, "--count",
        str(count), "--threads", str(threads), "--batches", str(batch), "--beams", str(beam),
        "--converted", converted, "--parallel", str(parallel), "--longest", str(options.longest)]
    environment = {
        **os.environ, "OMP_NUM_THREADS": str(max(1, threads // parallel)), "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(found.stdout.strip().splitlines()[-1])


def run_attune(options, batch, beam, folder):
    saved = f"{folder}/ours.txt"
    process = subprocess.Popen(
        [*options.launcher.split(), options.attune, "evaluate", "--model", options.model, f"{folder}/0", f"{folder}/1", "--json",
         "--batch-size", str(batch), "--beam-size", str(beam), "--length-penalty", "1", "--threads", str(options.threads),
         "--save-translations", saved, "--overwrite", "--max-decoding-length", str(options.longest), "--quiet"],
        stdout=subprocess.PIPE, text=True)
    document = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("attune evaluate failed")
    with open(saved, encoding="utf-8") as file:
        texts = [line.rstrip("\n") for line in file]
    return dict(
        seconds=document["speed"]["seconds"], tokens=document["speed"]["tokens"], peak=usage.ru_maxrss / 1024, texts=texts,
        bleu=document["bleu"]["score"])


def prepare(options, folder):
    """The texts as each contestant reads them."""
    rows = [row for row in read(options.pairs, options.count) if len(row) == 2 and all(side.strip() for side in row)]
    if all(len(side) == 2 for side in rows[0]):  # codes of the languages
        rows.pop(0)
    options.count = len(rows)
    for name, lines in [("pairs.tsv", ["\t".join(row) for row in rows])] + [
            (str(side), [row[side] for row in rows]) for side in (0, 1)]:
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)


def contestants(options, folder):
    """Each by its name, as a function of the batch, the beam and the number of texts; Attune takes all."""
    peers, converted = [name for name in options.peers.split(",") if name], f"{folder}/converted"
    if "ctranslate2" in peers:
        converter = Path(sys.executable).parent / "ct2-transformers-converter"
        subprocess.run([str(converter), "--model", options.model, "--output_dir", converted], check=True, capture_output=True)
    found = {"Attune": lambda batch, beam, count: run_attune(options, batch, beam, folder)}
    for name in peers:
        settings = {(options.threads, 1), (options.threads, options.threads) if name == "ctranslate2" else (1, 1)}
        for threads, parallel in sorted(settings, reverse=True):
            label = f"{name}, {parallel} x {threads // parallel} threads"
            found[label] = lambda batch, beam, count, name=name, threads=threads, parallel=parallel: run_peer(
                options, name, batch, beam, f"{folder}/pairs.tsv", converted, threads, parallel, count)
    return found


def without_slow_settings(options, runs, batch, beam):
    """The contestants, of each peer those settings that are not far slower than its best one on a few texts."""
    count, rates = min(options.count, max(TRIED, TRIED_BATCHES * batch)), {}
    for name, run in runs.items():
        if name != "Attune":
            found = run(batch, beam, count)
            rates[name] = found["tokens"] / found["seconds"]
    best = {}
    for name, rate in rates.items():
        peer = name.split(",")[0]
        best[peer] = max(best.get(peer, 0), rate)
    return {name: run for name, run in runs.items() if name not in rates or rates[name] >= best[name.split(",")[0]] / 2}


def compare(options, runs, batch, beam):
    """Turns of all, the table's rows, and the verdict."""
    found, rates = run_turns(
        {name: lambda run=run: run(batch, beam, options.count)
         for name, run in without_slow_settings(options, runs, batch, beam).items()}, options.rounds)
    medians, texts = {name: spread(values)["median"] for name, values in rates.items()}, found["Attune"][0]["texts"]
    memory = {name: max(row["peak"] for row in rows) for name, rows in found.items()}
    equal = {name: sum(a == b for a, b in zip(rows[0]["texts"], texts)) / len(texts) for name, rows in found.items()}
    rows = [[beam, batch, name, ranged(values), f"{medians['Attune'] / medians[name]:.2f} times", number(memory[name]),
             f"{100 * equal[name]:.1f} %"] for name, values in rates.items()]
    others = [name for name in medians if name != "Attune"]
    result = {"tokens_per_second": {name: spread(values) for name, values in rates.items()}, "peak_mib": memory, "equal": equal,
              "bleu": found["Attune"][0]["bleu"]}
    if others:
        best, ratio = max(others, key=medians.get), medians["Attune"] / max(medians[name] for name in others)
        result |= {"ratio": ratio, "wanted": WANTED, "best_peer": f"{best}, beam {beam}, batches of {batch}", "reached": ratio >= WANTED}
    return rows, result


def run(options):
    with tempfile.TemporaryDirectory() as folder:
        prepare(options, folder)
        heading(f"Translating {options.count:,} texts, Float32", options)
        runs, rows, results = contestants(options, folder), [], {}
        for beam in map(int, options.beams.split(",")):
            for batch in map(int, options.batches.split(",")):
                more, results[f"beam {beam}, batch {batch}"] = compare(options, runs, batch, beam)
                rows += more
    table(["beam", "batch", "contestant", "tokens/s, median", "range", "Attune is faster by", "peak memory, MiB", "texts as ours"], rows)
    for found in results.values():
        if "ratio" in found:
            verdict(found["ratio"], WANTED, found["best_peer"])
    return {"searches": results}


def main():
    options = arguments()
    if options.peer:
        return peer(options)
    section = recording.measured_section(
        f"python3 Benchmarks/decode.py --model MODEL --pairs PAIRS --count {options.count} --rounds {options.rounds} "
        f"--peers {options.peers}", lambda: run(options))
    if options.record:
        recording.record("translating", section)


main()
