# SPDX-License-Identifier: Apache-2.0
"""Trains tokenizers with Attune and with the `tokenizers` package: how long it takes, and how many tokens a word other texts have.

    pip install tokenizers==0.23.3
    swift build -c release
    python3 Benchmarks/train_tokenizer.py reviews.txt.gz --count 40000

Both learn from the first --count lines and are looked at with the others. Seconds are those of a whole run of Attune, reading and
writing included, and of the call that trains for the package, which has started and imported by then. Both tokenizers are opened by
the package, and its ids for Attune's file are compared with Attune's own.
"""
import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.path.join(HERE, "../.build/release")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", help="one text a line, gzip or not")
    parser.add_argument("--count", type=int, default=40_000, help="lines to learn from")
    parser.add_argument("--models", nargs="+", default=["wordpiece", "bpe", "unigram"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[8_000, 30_000])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--attune", default=f"{BUILT}/attune")
    parser.add_argument("--bench", default=f"{BUILT}/attune-bench")
    return parser.parse_args()


def run(command):
    """-> seconds, peak MiB, what was printed"""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
    if status:
        sys.exit(f"{' '.join(command)}: ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, output


def ours(options, folder, model, size, threads):
    output = f"{folder}/ours.json"
    command = [options.attune, "train-tokenizer", f"{folder}/learned.txt", "--model", model, "--vocabulary-size", str(size),
               "--validation-share", "0", "--threads", str(threads), "--output", output, "--overwrite", "--quiet", "--json"]
    seconds, peak, _ = run(command)
    return output, seconds, peak


def theirs(options, folder, model, size, threads):
    output = f"{folder}/theirs.json"
    command = [sys.executable, f"{HERE}/peer_train_tokenizer.py", f"{folder}/learned.txt", output, "--model", model,
               "--vocabulary-size", str(size), "--threads", str(threads)]
    _, peak, printed = run(command)
    return output, json.loads(printed)["seconds"], peak


def tokens_per_word(path, texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(path)
    count = sum(len(encoding.ids) for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    return count / sum(len(text.split()) for text in texts)


def differing(options, folder, path, texts):
    """How many texts Attune gives other ids than the package does, with Attune's file."""
    from tokenizers import Tokenizer

    with open(f"{folder}/strings.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
    _, _, printed = run([options.bench, "encode", path, f"{folder}/strings.jsonl", "--print", "ids"])
    found = Tokenizer.from_file(path).encode_batch(texts)
    lines = printed.split("\n")[:-1]
    return sum(line != " ".join(map(str, encoding.ids)) for line, encoding in zip(lines, found, strict=True))


def main():
    options = arguments()
    with (gzip.open if options.texts.endswith(".gz") else open)(options.texts, "rt", encoding="utf-8", newline="\n") as file:
        lines = [line.rstrip("\n") for line in file]
    learned, others = lines[: options.count], lines[options.count :]
    if not others:
        sys.exit(f"{options.texts}: {len(lines)} lines, expected more than --count")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/learned.txt", "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in learned)
        for model in options.models:
            for size in options.sizes:
                row = {"model": model, "vocabulary_size": size}
                for threads in options.threads:
                    turns = [[train(options, folder, model, size, threads) for train in (ours, theirs)] for _ in range(options.rounds)]
                    seconds = [statistics.median(turn[who][1] for turn in turns) for who in (0, 1)]
                    row[f"threads_{threads}"] = {
                        "attune_s": round(seconds[0], 2), "tokenizers_s": round(seconds[1], 2), "times": round(seconds[1] / seconds[0], 1),
                        "attune_mib": round(turns[-1][0][2]), "tokenizers_mib": round(turns[-1][1][2])}
                needed = [tokens_per_word(turns[-1][who][0], others) for who in (0, 1)]
                row["tokens_per_word"] = {
                    "attune": round(needed[0], 4), "tokenizers": round(needed[1], 4), "more": f"{100 * (needed[0] / needed[1] - 1):+.2f} %"}
                row["different_ids"] = differing(options, folder, turns[-1][0][0], others[:2000])
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
