# SPDX-License-Identifier: Apache-2.0
"""Compares how fast translators write: Attune, CTranslate2 and transformers' generate, with the same weights, in turns.

    python3 Benchmarks/decode.py --model models/en-fr --pairs test.tsv --count 500

The model is a folder that MarianMTModel opens; ct2-transformers-converter converts it. Each contestant translates the same texts in
a process of its own, once each a round, in Float32; loading the model is not in the times. Each peer runs in its best setting of
threads: one translation on all of them, or several translations on one each. All search with length penalty 1 and stop when as many
translations are finished as the beam is wide. Tokens are those that each contestant wrote; where outputs differ, look at the shares of
equal ones before the rates.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attune", default=str(HERE.parent / ".build/release/attune"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--pairs", required=True, help="TSV of texts and their translations")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batches", default="1,32,64")
    parser.add_argument("--beams", default="1,5")
    parser.add_argument("--longest", type=int, default=256, help="most tokens of a translation")
    parser.add_argument("--peers", default="ctranslate2,transformers")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--converted", help=argparse.SUPPRESS)
    parser.add_argument("--parallel", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


def read(path, count):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for _, line in zip(range(count), file)]


def ctranslate2_run(options, tokenizer, texts):
    import ctranslate2

    translator = ctranslate2.Translator(
        options.converted, device="cpu", compute_type="float32", inter_threads=options.parallel,
        intra_threads=max(1, options.threads // options.parallel))
    tokens = [tokenizer.convert_ids_to_tokens(tokenizer(text).input_ids) for text in texts]
    batch, beam = int(options.batches), int(options.beams)

    def run(rows):
        return translator.translate_batch(
            rows, beam_size=beam, max_batch_size=batch, batch_type="examples", length_penalty=1.0,
            max_decoding_length=options.longest)

    run(tokens[:2 * batch][:8])
    start = time.perf_counter()
    found = run(tokens)
    seconds = time.perf_counter() - start
    hypotheses = [result.hypotheses[0] for result in found]
    written = [tokenizer.convert_tokens_to_ids(tokens) for tokens in hypotheses]
    return written, seconds


def transformers_run(options, tokenizer, texts):
    import torch
    from transformers import MarianMTModel

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
    return [found[index] for index in range(len(texts))], seconds


def peer(options):
    """Runs in a process of its own: translates, prints times, tokens and texts."""
    from transformers import MarianTokenizer

    texts = [row[0] for row in read(options.pairs, options.count)]
    tokenizer = MarianTokenizer.from_pretrained(options.model)
    run = {"ctranslate2": ctranslate2_run, "transformers": transformers_run}[options.peer]
    written, seconds = run(options, tokenizer, texts)
    print(json.dumps({
        "seconds": seconds, "tokens": sum(len(row) for row in written),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "texts": [tokenizer.decode(row, skip_special_tokens=True) for row in written]}))


def run_peer(options, name, batch, beam, pairs, converted, parallel):
    command = [
        sys.executable, __file__, "--peer", name, "--model", options.model, "--pairs", pairs, "--count",
        str(options.count), "--threads", str(options.threads), "--batches", str(batch), "--beams", str(beam),
        "--converted", converted, "--parallel", str(parallel), "--longest", str(options.longest)]
    threads = max(1, options.threads // parallel)
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(found.stdout.strip().splitlines()[-1])


def run_attune(options, batch, beam, folder):
    saved = f"{folder}/ours.txt"
    process = subprocess.Popen(
        [options.attune, "evaluate", "--model", options.model, f"{folder}/0", f"{folder}/1", "--json", "--batch-size", str(batch), "--beam-size",
         str(beam), "--length-penalty", "1", "--threads", str(options.threads), "--save-translations", saved, "--overwrite",
         "--max-decoding-length", str(options.longest), "--quiet"],
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


def main(options):
    with tempfile.TemporaryDirectory() as folder:
        pairs = f"{folder}/pairs.tsv"
        rows = [row for row in read(options.pairs, options.count) if len(row) == 2 and all(side.strip() for side in row)]
        if all(len(side) == 2 for side in rows[0]):  # codes of the languages
            rows.pop(0)
        options.count = len(rows)
        for name, lines in [(pairs, ["\t".join(row) for row in rows])] + [
                (f"{folder}/{side}", [row[side] for row in rows]) for side in (0, 1)]:
            with open(name, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        converted = f"{folder}/converted"
        peers = [name for name in options.peers.split(",") if name]
        if "ctranslate2" in peers:
            converter = Path(sys.executable).parent / "ct2-transformers-converter"
            subprocess.run([str(converter), "--model", options.model, "--output_dir", converted], check=True,
                           capture_output=True)
        contestants = [("Attune", lambda batch, beam: run_attune(options, batch, beam, folder))]
        for name in peers:
            for parallel in [1, options.threads] if name == "ctranslate2" and options.threads > 1 else [1]:
                label = f"{name}, {parallel} x {max(1, options.threads // parallel)} threads"
                contestants.append((label, lambda batch, beam, name=name, parallel=parallel: run_peer(
                    options, name, batch, beam, pairs, converted, parallel)))
        print("| beam | batch | contestant | tokens/s, median | range | of ours | peak memory, MiB | equal translations |")
        print("| --: | --: | --- | --: | --: | --: | --: | --: |")
        for beam in map(int, options.beams.split(",")):
            for batch in map(int, options.batches.split(",")):
                found = {name: [] for name, _ in contestants}
                for _ in range(options.rounds):
                    for name, run in contestants:
                        found[name].append(run(batch, beam))
                ours = found["Attune"]
                mine = statistics.median(row["tokens"] / row["seconds"] for row in ours)
                for name, rows in found.items():
                    rates = [row["tokens"] / row["seconds"] for row in rows]
                    equal = sum(a == b for a, b in zip(rows[0]["texts"], ours[0]["texts"])) / len(ours[0]["texts"])
                    print(f"| {beam} | {batch} | {name} | {statistics.median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} | "
                          f"{mine / statistics.median(rates):.2f} | {max(row['peak'] for row in rows):,.0f} | {equal:.1%} |",
                          flush=True)


options = arguments()
peer(options) if options.peer else main(options)
